// ItemView: the item side of a record: attributes of an item written into the record that a binding
// leads to.
#pragma once

#include <string>
#include <string_view>

#include "catalogue/catalogue.h"
#include "catalogue/record_store.h"
#include "format/json.h"

namespace trine::operations {

// Of one collection snapshot and its binding. Immutable; thread-safe; what it is given outlives it.
class ItemView {
 public:
  ItemView(const catalogue::Collection& collection, const catalogue::Binding& binding)
      : collection_(collection), binding_(binding), reader_(binding) {}

  // `current` (an object, or null: no record yet) with the item's attributes in it. `replace`: in a
  // hidden collection the attributes are the whole record; in a visible one the document's own fields
  // stay, and only fields that the binding names as attributes go when they are not given.
  format::Json Merge(const format::Json& current, std::string_view item_id, const format::Json& attributes,
                     bool replace) const;
  // `current` with those attributes that it lacks.
  format::Json Fill(const format::Json& current, std::string_view item_id,
                    const format::Json& attributes) const;
  // The item id that goes into the store: empty when the record id serves.
  std::string StoredItemId(const format::Json& source, std::string_view record_id) const;

 private:
  void Put(std::string_view attribute, const format::Json& value, format::Json* source) const;
  // As the field at `path` is written: seconds become what a date field reads as the same time.
  format::Json Written(const format::Json& source, std::string_view path, const format::Json& value) const;
  std::string MemberFor(const format::Json& current, std::string_view attribute) const;
  const catalogue::Collection& collection_;
  const catalogue::Binding& binding_;
  const catalogue::AttributeReader reader_;
};

// Whether two attribute names are one: compared without case and underscores.
bool SameAttribute(std::string_view a, std::string_view b);

// Writes `value` at a dotted path, making objects on the way; a literal dotted member wins. A scalar in
// the way is replaced.
void SetPath(format::Json* object, std::string_view path, format::Json value);

}  // namespace trine::operations

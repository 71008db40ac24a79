// ItemView: writes the attributes of an item into the record that a binding points to.
#pragma once

#include <string>
#include <string_view>

#include "catalogue/catalogue.h"
#include "catalogue/record_store.h"
#include "format/json.h"
#include "operations/write/write_op.h"

namespace trine::operations {

// Presents the records of one collection snapshot as items, using one binding. Immutable; thread-safe. The
// collection and the binding must outlive it.
class ItemView {
 public:
  ItemView(const catalogue::Collection& collection, const catalogue::Binding& binding)
      : collection_(collection), binding_(binding), reader_(binding) {}

  // Returns `current` (an object, or null if there is no record yet) with the item's attributes set. With
  // `replace`, or if the item is `whole`, its other attributes are removed: everything else in a hidden
  // collection, and in a visible one the fields that the binding maps and the item's `columns`. Requires the
  // attributes to be an object.
  format::Json Merge(const format::Json& current, const ItemWrite& item, bool replace) const;
  // Returns `current` with only those attributes added that it lacks. Requires them to be an object.
  format::Json Fill(const format::Json& current, const ItemWrite& item) const;
  // The item id to store with a record; empty if the record id is the item id.
  std::string StoredItemId(const format::Json& source, std::string_view record_id) const;

 private:
  void RemoveMissing(const ItemWrite& item, format::Json* source) const;
  void Put(std::string_view attribute, const format::Json& value, format::Json* source) const;
  // Converts `value` for the field at `path`. If that is a date field and `value` a number of seconds, the
  // result is the same time in the field's date format (unchanged if the format cannot express it). Any other
  // value is returned unchanged.
  format::Json Written(const format::Json& source, std::string_view path, const format::Json& value) const;
  std::string MemberFor(const format::Json& current, std::string_view attribute) const;
  const catalogue::Collection& collection_;
  const catalogue::Binding& binding_;
  const catalogue::AttributeReader reader_;
};

// Sets `value` at a dotted path. Creates missing objects along the path, and replaces scalars with objects.
// An existing member whose name contains the dots takes precedence.
void SetPath(format::Json* object, std::string_view path, format::Json value);

}  // namespace trine::operations

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.analysis.standard.StandardAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.StringField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.NoMergePolicy;
import org.apache.lucene.index.StoredFields;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.*;
import org.apache.lucene.search.similarities.BM25Similarity;
import org.apache.lucene.store.ByteBuffersDirectory;

/**
 * Prints the scores that Lucene computes. Usage: Scores DOCS QUERIES. Each output line has a query, its number of
 * hits, and "id=bits" for every hit, best first, where bits is the float32 score in hexadecimal.
 *
 * DOCS has one document per line, tab-separated: segment, "deleted" or "live", id, tag, title. Documents of one
 * segment are consecutive. QUERIES has one expression per line; see Parser.
 */
public final class Scores {
  public static void main(String[] args) throws Exception {
    ByteBuffersDirectory directory = new ByteBuffersDirectory();
    index(directory, Files.readAllLines(Path.of(args[0])));
    try (DirectoryReader reader = DirectoryReader.open(directory)) {
      IndexSearcher searcher = new IndexSearcher(reader);
      searcher.setSimilarity(new BM25Similarity(1.2f, 0.75f));
      searcher.setQueryCache(null);
      for (String line : Files.readAllLines(Path.of(args[1]))) {
        if (!line.isBlank() && !line.startsWith("#")) System.out.println(run(searcher, line));
      }
    }
  }

  static void index(ByteBuffersDirectory directory, List<String> lines) throws IOException {
    IndexWriterConfig config = new IndexWriterConfig(new StandardAnalyzer()).setMergePolicy(NoMergePolicy.INSTANCE);
    config.setSimilarity(new BM25Similarity(1.2f, 0.75f));
    try (IndexWriter writer = new IndexWriter(directory, config)) {
      List<String> deleted = new ArrayList<>();
      String segment = null;
      for (String line : lines) {
        String[] parts = line.split("\t", -1);
        if (segment != null && !segment.equals(parts[0])) writer.commit();
        segment = parts[0];
        Document document = new Document();
        document.add(new StringField("id", parts[2], Field.Store.YES));
        if (!parts[3].isEmpty()) document.add(new StringField("tag", parts[3], Field.Store.NO));
        if (!parts[4].isEmpty()) document.add(new TextField("title", parts[4], Field.Store.NO));
        writer.addDocument(document);
        if (parts[1].equals("deleted")) deleted.add(parts[2]);
      }
      writer.commit();
      for (String id : deleted) writer.deleteDocuments(new Term("id", id));
      writer.commit();
    }
  }

  static String run(IndexSearcher searcher, String line) throws IOException {
    Query query = new Parser(line).query();
    // All hits with exact counts, and ten without: pruned and unpruned scores must be the same.
    TopDocs all = searcher.search(query, new TopScoreDocCollectorManager(1000, null, Integer.MAX_VALUE));
    TopDocs ten = searcher.search(query, new TopScoreDocCollectorManager(10, null, 1));
    StringBuilder out = new StringBuilder(line).append('\t').append(all.scoreDocs.length).append('\t');
    StoredFields stored = searcher.storedFields();
    for (int i = 0; i < all.scoreDocs.length; i++) {
      ScoreDoc hit = all.scoreDocs[i];
      if (i < ten.scoreDocs.length && (ten.scoreDocs[i].doc != hit.doc || ten.scoreDocs[i].score != hit.score)) {
        throw new IllegalStateException("pruned and unpruned differ: " + line);
      }
      if (i > 0) out.append(' ');
      out.append(stored.document(hit.doc).get("id")).append('=').append(Integer.toHexString(Float.floatToIntBits(hit.score)));
    }
    return out.toString();
  }

  /**
   * (term F W) (match or|and F W...) (least N F W...) (phrase F SLOP W...) (prefix F P) (all) (const Q) (boost X Q)
   * (dismax TIE Q...) (bool [+Q|#Q|?Q|-Q]... [~N]); "a|b" is two words at one position. + must, # filter, ? should.
   */
  static final class Parser {
    private final String text;
    private int at;

    Parser(String text) {
      this.text = text;
    }

    String word() {
      while (text.charAt(at) == ' ') at++;
      int from = at;
      while (text.charAt(at) != ' ' && text.charAt(at) != ')') at++;
      return text.substring(from, at);
    }

    boolean more() {
      while (text.charAt(at) == ' ') at++;
      if (text.charAt(at) != ')') return true;
      at++;
      return false;
    }

    Query words(String field, BooleanClause.Occur occur, int least) {
      List<Query> queries = new ArrayList<>();
      while (more()) queries.add(position(field, word()));
      if (queries.size() == 1) return queries.get(0);
      BooleanQuery.Builder all = new BooleanQuery.Builder().setMinimumNumberShouldMatch(least);
      for (Query query : queries) all.add(query, occur);
      return all.build();
    }

    Query position(String field, String word) {
      String[] terms = word.split("\\|");
      if (terms.length == 1) return new TermQuery(new Term(field, word));
      SynonymQuery.Builder synonyms = new SynonymQuery.Builder(field);
      for (String term : terms) synonyms.addTerm(new Term(field, term));
      return synonyms.build();
    }

    Query phrase(String field, int slop) {
      MultiPhraseQuery.Builder many = new MultiPhraseQuery.Builder().setSlop(slop);
      PhraseQuery.Builder one = new PhraseQuery.Builder().setSlop(slop);
      boolean alternatives = false;
      while (more()) {
        String[] terms = word().split("\\|");
        Term[] at = new Term[terms.length];
        for (int i = 0; i < terms.length; i++) at[i] = new Term(field, terms[i]);
        many.add(at);
        one.add(at[0]);
        alternatives |= terms.length > 1;
      }
      return alternatives ? many.build() : one.build();
    }

    Query query() {
      while (text.charAt(at) == ' ') at++;
      at++;
      String kind = word();
      switch (kind) {
        case "all":
          more();
          return new MatchAllDocsQuery();
        case "match": {
          String operator = word();
          String field = word();
          return words(field, operator.equals("and") ? BooleanClause.Occur.MUST : BooleanClause.Occur.SHOULD, 0);
        }
        case "least": {
          int least = Integer.parseInt(word());
          return words(word(), BooleanClause.Occur.SHOULD, least);
        }
        case "phrase": {
          String field = word();
          return phrase(field, Integer.parseInt(word()));
        }
        case "term":
        case "prefix": {
          Term term = new Term(word(), word());
          more();
          return kind.equals("term") ? new TermQuery(term) : new PrefixQuery(term);
        }
        case "const": {
          Query inner = query();
          more();
          return new ConstantScoreQuery(inner);
        }
        case "boost": {
          float boost = Float.parseFloat(word());
          Query inner = query();
          more();
          return boost == 1f ? inner : new BoostQuery(inner, boost);
        }
        case "dismax": {
          float tie = Float.parseFloat(word());
          List<Query> queries = new ArrayList<>();
          while (more()) queries.add(query());
          return new DisjunctionMaxQuery(queries, tie);
        }
        case "bool":
          return bool();
        default:
          throw new IllegalArgumentException(kind);
      }
    }

    Query bool() {
      BooleanQuery.Builder all = new BooleanQuery.Builder();
      boolean positive = false;
      while (more()) {
        char sign = text.charAt(at++);
        if (sign == '~') {
          all.setMinimumNumberShouldMatch(Integer.parseInt(word()));
          continue;
        }
        BooleanClause.Occur occur =
            sign == '+' ? BooleanClause.Occur.MUST
            : sign == '#' ? BooleanClause.Occur.FILTER
            : sign == '?' ? BooleanClause.Occur.SHOULD : BooleanClause.Occur.MUST_NOT;
        positive |= sign != '-';
        all.add(query(), occur);
      }
      if (!positive) all.add(new MatchAllDocsQuery(), BooleanClause.Occur.FILTER);
      return all.build();
    }
  }
}

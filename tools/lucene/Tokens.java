import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.LowerCaseFilter;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.Tokenizer;
import org.apache.lucene.analysis.cjk.CJKAnalyzer;
import org.apache.lucene.analysis.core.KeywordTokenizer;
import org.apache.lucene.analysis.core.SimpleAnalyzer;
import org.apache.lucene.analysis.core.StopAnalyzer;
import org.apache.lucene.analysis.core.WhitespaceAnalyzer;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.analysis.miscellaneous.ASCIIFoldingFilter;
import org.apache.lucene.analysis.shingle.ShingleFilter;
import org.apache.lucene.analysis.standard.StandardAnalyzer;
import org.apache.lucene.analysis.standard.StandardTokenizer;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.analysis.tokenattributes.OffsetAttribute;
import org.apache.lucene.analysis.tokenattributes.PositionIncrementAttribute;
import org.apache.lucene.analysis.tokenattributes.TypeAttribute;

/** Prints the tokens that Lucene's analyzers produce for a text, for the golden files of the analysis tests.
 *  Usage: java Tokens < cases > golden. A case is a line ANALYZER TAB TEXT; both files escape \t \n \r \\ and
 *  contain other characters unescaped. A golden line is the case, then TAB TERM|START|END|POSITION|TYPE for each token
 *  ('|' and '%' in terms are written %7C and %25). */
public final class Tokens {
  public static void main(String[] args) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    for (String line; (line = in.readLine()) != null; ) {
      int tab = line.indexOf('\t');
      out.print(line);
      try (Analyzer analyzer = analyzer(line.substring(0, tab));
          TokenStream stream = analyzer.tokenStream("f", unescape(line.substring(tab + 1)))) {
        print(stream, out);
      }
      out.print('\n');
    }
    out.flush();
  }

  private static void print(TokenStream stream, PrintStream out) throws Exception {
    CharTermAttribute term = stream.addAttribute(CharTermAttribute.class);
    OffsetAttribute offset = stream.addAttribute(OffsetAttribute.class);
    PositionIncrementAttribute increment = stream.addAttribute(PositionIncrementAttribute.class);
    TypeAttribute type = stream.addAttribute(TypeAttribute.class);
    int position = -1;
    stream.reset();
    while (stream.incrementToken()) {
      position += increment.getPositionIncrement();
      String text = term.toString().replace("%", "%25").replace("|", "%7C");
      out.print("\t" + escape(text) + "|" + offset.startOffset() + "|" + offset.endOffset() + "|" + position + "|"
          + type.type().replace("<", "").replace(">", ""));
    }
    stream.end();
  }

  private static Analyzer analyzer(String name) {
    switch (name) {
      case "standard":
        return new StandardAnalyzer();
      case "english":
        return new EnglishAnalyzer();
      case "simple":
        return new SimpleAnalyzer();
      case "stop":
        return new StopAnalyzer(EnglishAnalyzer.getDefaultStopSet());
      case "whitespace":
        return new WhitespaceAnalyzer();
      case "cjk":
        return new CJKAnalyzer();
      case "shingle":
        return new Analyzer() {
          @Override
          protected TokenStreamComponents createComponents(String field) {
            Tokenizer source = new StandardTokenizer();
            TokenStream words = new org.apache.lucene.analysis.StopFilter(
                new LowerCaseFilter(source), EnglishAnalyzer.getDefaultStopSet());
            return new TokenStreamComponents(source, new ShingleFilter(words, 2, 3));
          }
        };
      case "asciifolding":
        return new Analyzer() {
          @Override
          protected TokenStreamComponents createComponents(String field) {
            Tokenizer source = new KeywordTokenizer();
            return new TokenStreamComponents(source, new ASCIIFoldingFilter(source));
          }
        };
      default:
        throw new IllegalArgumentException(name);
    }
  }

  private static String unescape(String s) {
    StringBuilder b = new StringBuilder();
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      if (c != '\\' || i + 1 == s.length()) {
        b.append(c);
        continue;
      }
      char e = s.charAt(++i);
      b.append(e == 't' ? '\t' : e == 'n' ? '\n' : e == 'r' ? '\r' : e);
    }
    return b.toString();
  }

  private static String escape(String s) {
    return s.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r");
  }
}

package tofu.bench.duel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class BarChartTest {
    private static Document parsed(BarChart chart) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(chart.toSvg())));
    }

    @Test
    void textIsEscaped() throws Exception {
        BarChart chart = new BarChart("a < b & \"c\"");
        chart.add("64 B", List.of(new BarChart.Bar("<own>", 1, "1", true)));
        Document svg = parsed(chart);
        assertThat(svg.getDocumentElement().getAttribute("aria-label")).isEqualTo("a < b & \"c\"");
        assertThat(svg.getDocumentElement().getTextContent()).contains("<own>");
    }

    @Test
    void barsHaveTheLengthOfTheirLogarithm() throws Exception {
        BarChart chart = new BarChart("rates");
        chart.add("64 B", List.of(bar(2), bar(20), bar(200)));
        NodeList bars = parsed(chart).getElementsByTagName("rect");
        double first = width(bars, 1) - width(bars, 0);
        double second = width(bars, 2) - width(bars, 1);
        assertThat(bars.getLength()).isEqualTo(3);
        assertThat(width(bars, 0)).isPositive();
        assertThat(first).isCloseTo(second, org.assertj.core.data.Offset.offset(0.2));
    }

    @Test
    void whatWasNotMeasuredHasNoBar() throws Exception {
        BarChart chart = new BarChart("rates");
        chart.add("64 B", List.of(bar(Double.NaN), bar(1)));
        assertThat(parsed(chart).getElementsByTagName("rect").getLength()).isEqualTo(1);
    }

    private static BarChart.Bar bar(double value) {
        return new BarChart.Bar("bar", value, "" + value, false);
    }

    private static double width(NodeList bars, int index) {
        return Double.parseDouble(((Element) bars.item(index)).getAttribute("width"));
    }
}

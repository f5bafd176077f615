package tofu.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tofu.cli.Json;

/// The page, whatever stands in its data.
class ReportTest {
    @Test
    void noAddressEndsTheDataOfThePage() throws Exception {
        String address = "uds|/tmp/<!--<script></script>";
        String page = new Report(address, "now", Duration.ZERO, List.of()).html();

        String begin = "<script id=\"data\" type=\"application/json\">";
        int from = page.indexOf(begin) + begin.length();
        String data = page.substring(from, page.indexOf("</script>", from));
        assertThat(data).doesNotContain("<!--");
        Map<String, Object> read = Json.parse(data, "the data");
        assertThat(read).containsEntry("address", address);
    }
}

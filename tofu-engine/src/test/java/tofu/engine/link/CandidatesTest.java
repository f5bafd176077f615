package tofu.engine.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tofu.engine.channel.Deadline;

/// How the time to connect is shared among addresses.
class CandidatesTest {
    private static final long NOW = Long.MAX_VALUE - 1_000; // it wraps around
    private static final long SECOND = 1_000_000_000L;

    private static List<SocketAddress> addresses(int count) {
        return IntStream.rangeClosed(1, count)
                .<SocketAddress>mapToObj(port -> new InetSocketAddress("127.0.0.1", port))
                .toList();
    }

    @Test
    void eachHasItsTurn() {
        List<SocketAddress> addresses = addresses(3);
        Candidates candidates = new Candidates(addresses);
        for (SocketAddress address : addresses) {
            assertThat(candidates.hasNext()).isTrue();
            assertThat(candidates.next(NOW, NOW + SECOND)).isEqualTo(address);
        }

        assertThat(candidates.hasNext()).isFalse();
    }

    @Test
    void theTimeThatIsLeftIsSharedAmongThoseThatAreLeft() {
        Candidates candidates = new Candidates(addresses(4));
        assertThat(candidates.deadlineNanos()).isEqualTo(Deadline.NONE);
        candidates.next(NOW, NOW + 8 * SECOND);
        assertThat(candidates.deadlineNanos()).isEqualTo(NOW + 2 * SECOND);

        candidates.next(NOW + SECOND, NOW + 8 * SECOND);
        assertThat(candidates.deadlineNanos() - NOW).isEqualTo(SECOND + 7 * SECOND / 3);
    }

    @Test
    void theLastOneHasAllThatIsLeft() {
        Candidates candidates = new Candidates(addresses(2));
        candidates.next(NOW, NOW + 8 * SECOND);
        assertThat(candidates.deadlineNanos()).isEqualTo(NOW + 4 * SECOND);

        candidates.next(NOW, NOW + 8 * SECOND);
        assertThat(candidates.deadlineNanos()).isEqualTo(Deadline.NONE);
    }

    @Test
    void noShareIsTooShort() {
        Candidates candidates = new Candidates(addresses(100));
        candidates.next(NOW, NOW + SECOND);

        assertThat(candidates.deadlineNanos()).isEqualTo(NOW + Candidates.LEAST_SHARE_NANOS);
    }
}

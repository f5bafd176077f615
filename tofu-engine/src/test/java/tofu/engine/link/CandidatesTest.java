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
    private static final long SECOND = 1_000_000_000L;

    /// The time; it wraps around.
    private long now = Long.MAX_VALUE - 1_000;

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
            assertThat(candidates.next(now, now + SECOND)).isEqualTo(address);
        }

        assertThat(candidates.hasNext()).isFalse();
    }

    @Test
    void theTimeThatIsLeftIsSharedAmongThoseThatAreLeft() {
        Candidates candidates = new Candidates(addresses(4));
        assertThat(candidates.deadlineNanos()).isEqualTo(Deadline.NONE);
        candidates.next(now, now + 8 * SECOND);
        assertThat(candidates.deadlineNanos()).isEqualTo(now + 2 * SECOND);

        candidates.next(now + SECOND, now + 8 * SECOND);
        assertThat(candidates.deadlineNanos() - now).isEqualTo(SECOND + 7 * SECOND / 3);
    }

    @Test
    void theLastOneHasAllThatIsLeft() {
        Candidates candidates = new Candidates(addresses(2));
        candidates.next(now, now + 8 * SECOND);
        assertThat(candidates.deadlineNanos()).isEqualTo(now + 4 * SECOND);

        candidates.next(now, now + 8 * SECOND);
        assertThat(candidates.deadlineNanos()).isEqualTo(Deadline.NONE);
    }

    @Test
    void noShareIsTooShort() {
        Candidates candidates = new Candidates(addresses(100));
        candidates.next(now, now + SECOND);

        assertThat(candidates.deadlineNanos()).isEqualTo(now + Candidates.LEAST_SHARE_NANOS);
    }
}

package tofu.cli.top;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tofu.management.AmpeMXBean.Channel;
import tofu.management.AmpeMXBean.Events;
import tofu.management.AmpeMXBean.Log;
import tofu.management.AmpeMXBean.Pool;
import tofu.management.AmpeMXBean.Snapshot;
import tofu.management.AmpeMXBean.Stall;
import tofu.management.AmpeMXBean.Stalls;
import tofu.management.AmpeMXBean.Traffic;

/// What is shown of two looks, and in which order.
class ViewTest {
    private static final long SECOND = 1_000_000_000;
    private static final Stall NONE = new Stall(0, 0);

    private static Traffic traffic(long messages, long queuedBytes) {
        return new Traffic(0, 0, messages, 0, 0, 0, 0, queuedBytes, 0, 0, 0, 0, 0, 0);
    }

    private static Channel channel(int number, Traffic traffic, long poolNanos, long writeNanos) {
        Stalls stalls = new Stalls(NONE, NONE, new Stall(1, poolNanos), new Stall(1, writeNanos));
        return new Channel(number, 1_000 + number, 0, "CLIENT", traffic, stalls);
    }

    private static Snapshot snapshot(long periodNanos, Channel... channels) {
        Events events = new Events(0, 0, 0, 0, 0, Map.of(), Map.of(), Map.of());
        Log log = new Log(0, 0, 0);
        return new Snapshot(
                periodNanos,
                traffic(10 * periodNanos / SECOND, 0),
                new Stalls(NONE, NONE, NONE, NONE),
                events,
                List.of(),
                List.of(channels),
                List.of(),
                new Pool(List.of(), 2_048, 0, 0, log, log));
    }

    private static View view(Snapshot earlier, Snapshot later) {
        return view(earlier, later, later.periodNanos() - earlier.periodNanos());
    }

    private static View view(Snapshot earlier, Snapshot later, long nanos) {
        return new View(Map.of("it", earlier), Map.of("it", later), nanos, nanos);
    }

    private static List<String> table(View view, int most) {
        return view.table(most).stream().map(line -> line.replaceAll(" +", " ")).toList();
    }

    @Test
    void whatStallsComesFirstThenWhatWaitsThenWhatIsBusy() {
        Snapshot earlier =
                snapshot(
                        8 * SECOND,
                        channel(1, traffic(5, 0), 0, 0),
                        channel(2, traffic(0, 0), 0, 7 * SECOND), // has stalled before, only
                        channel(3, traffic(5, 0), 0, 0),
                        channel(4, traffic(5, 0), SECOND, 0));
        Snapshot later =
                snapshot(
                        10 * SECOND,
                        channel(1, traffic(25, 0), 0, 0),
                        channel(2, traffic(0, 0), 0, 7 * SECOND),
                        channel(3, traffic(5, 100), 0, 0),
                        channel(4, traffic(5, 0), SECOND + SECOND / 2, SECOND));
        assertThat(table(view(earlier, later), 20))
                .containsExactly(
                        "it: 4 channels, 10 sent/s, 0 received/s, memory 2 KiB",
                        "ENGINE CHANNEL STALLED BY SENT/S RECV/S WAITING",
                        "it 4 75 % write_blocked 0 0 0 B",
                        "it 3 0 % 0 0 100 B",
                        "it 1 0 % 10 0 0 B",
                        "it 2 0 % 0 0 0 B");
        assertThat(table(view(earlier, later), 1))
                .hasSize(4)
                .endsWith("it 4 75 % write_blocked 0 0 0 B", "and 3 more");
    }

    /// A number is used again: by another channel, which has another serial.
    @Test
    void aNewChannelIsCountedFromItsOpening() {
        Channel old = channel(1, traffic(1_000, 0), 0, 0);
        Channel next = new Channel(1, 77, 0, "CLIENT", traffic(20, 0), old.stalls());
        assertThat(table(view(snapshot(SECOND, old), snapshot(2 * SECOND, next)), 20))
                .endsWith("it 1 0 % 20 0 0 B");
    }

    @Test
    void anEngineIsShownOnceItWasSeenTwice() {
        Snapshot later = snapshot(SECOND, channel(1, traffic(0, 0), 0, 0));
        assertThat(table(new View(Map.of(), Map.of("it", later), SECOND, SECOND), 20)).hasSize(1);
        assertThat(table(view(later, later), 20)).as("no time between").hasSize(1);
    }

    /// It is known by its age: another one opened later, or was there under another name.
    @Test
    void anotherEngineOfTheSameNameIsNotTheOneThatWas() {
        Snapshot earlier = snapshot(SECOND / 2, channel(1, traffic(1_000, 0), 0, 0));
        Snapshot younger = snapshot(SECOND, channel(1, traffic(5, 0), 0, 0));
        Snapshot older = snapshot(60 * SECOND, channel(1, traffic(5, 0), 0, 0));
        Snapshot same = snapshot(SECOND * 3 / 2 + 1_000, channel(1, traffic(1_000, 0), 0, 0));
        assertThat(table(view(earlier, younger, SECOND), 20)).hasSize(1);
        assertThat(table(view(earlier, older, SECOND), 20)).hasSize(1);
        assertThat(table(view(earlier, same, SECOND), 20)).hasSize(3);
    }

    @Test
    void nothingIsNegative() {
        Snapshot earlier = snapshot(SECOND, channel(1, traffic(9, 0), 12_000, 0));
        Snapshot later = snapshot(2 * SECOND, channel(1, traffic(8, 0), 0, 0));
        View view = view(earlier, later);
        assertThat(table(view, 20)).endsWith("it 1 0 % 0 0 0 B");
        assertThat(view.json()).doesNotContain("-");
    }

    @Test
    void aNameDrawsNothing() {
        Snapshot earlier = snapshot(SECOND, channel(1, traffic(0, 0), 0, 0));
        Snapshot later = snapshot(2 * SECOND, channel(1, traffic(0, 0), 0, 0));
        String name = "\u001b[2J";
        View view = new View(Map.of(name, earlier), Map.of(name, later), SECOND, SECOND);
        assertThat(view.table(20)).hasSize(3).noneMatch(line -> line.contains("\u001b"));
    }
}

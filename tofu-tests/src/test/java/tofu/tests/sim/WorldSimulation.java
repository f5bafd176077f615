package tofu.tests.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Worlds that must keep all invariants. The main program [Simulation] runs as many as one likes,
/// and repeats one that failed.
class WorldSimulation {
    private static final int SEEDS = 2_000;

    @Test
    @Timeout(300)
    void allWorldsKeepTheInvariants() {
        long posts = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            try {
                posts += Simulation.live(seed, false).posts();
            } catch (Violation e) {
                fail("seed " + seed + "\n" + storyOf(seed), e);
            }
        }
        assertThat(posts).as("messages in all worlds").isGreaterThan(100L * SEEDS);
    }

    /// An engine fails just before all is calm, where nobody asks it any more: its applications
    /// learn of it in the calm.
    @Test
    void anEngineFailsUnnoticedBeforeTheCalm() {
        assertThat(Simulation.live(411_055, false).posts()).isPositive();
    }

    @Test
    void aSeedGivesTheSameWorldAgain() {
        for (long seed = 1; seed <= 20; seed++) {
            World first = Simulation.live(seed, false);
            World again = Simulation.live(seed, true);
            assertThat(again.digest()).as("seed " + seed).isEqualTo(first.digest());
            assertThat(again.turns()).isEqualTo(first.turns());
        }
    }

    @Test
    void differentSeedsGiveDifferentWorlds() {
        assertThat(
                        List.of(1L, 2L, 3L, 4L).stream()
                                .map(seed -> Simulation.live(seed, false).digest()))
                .doesNotHaveDuplicates();
    }

    /// Small worlds whose decisions are a list: one that fails is shortened to what it takes.
    @Property(tries = 200, shrinking = ShrinkingMode.BOUNDED)
    void smallWorldsKeepTheInvariants(@ForAll @Size(max = 2_000) List<Integer> decisions) {
        new World(Choices.listed(decisions), false).live(decisions.size() / 2);
    }

    private static String storyOf(long seed) {
        ByteArrayOutputStream story = new ByteArrayOutputStream();
        Simulation.replay(seed, new PrintStream(story, true));
        return story.toString();
    }
}

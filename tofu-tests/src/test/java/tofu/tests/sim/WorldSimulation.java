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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.tests.sim.World.Wires;

/// Worlds that must keep all invariants. The main program [Simulation] runs as many as one likes,
/// and repeats one that failed.
class WorldSimulation {
    private static final int SEEDS = 300;
    private static final int SECURE_SEEDS = 20;

    @Test
    @Timeout(300)
    void allWorldsKeepTheInvariants() {
        checkWorlds(SEEDS, Wires.PLAIN);
    }

    @Test
    @Timeout(300)
    void worldsThatSpeakTlsKeepTheInvariants() {
        checkWorlds(SECURE_SEEDS, Wires.SOME_SECURE);
    }

    @Test
    @Tag("long")
    @Timeout(3_600)
    void manyWorldsThatSpeakTlsKeepTheInvariants() {
        checkWorlds(2_000, Wires.SOME_SECURE);
    }

    private static void checkWorlds(int seeds, Wires wires) {
        long posts = 0;
        long sealed = 0;
        for (long seed = 1; seed <= seeds; seed++) {
            try {
                World world = Simulation.live(seed, wires, false);
                posts += world.posts();
                sealed += world.sealed();
            } catch (Violation e) {
                fail("seed " + seed + " of " + wires + "\n" + storyOf(seed, wires), e);
            }
        }
        assertThat(posts).as("messages in all worlds").isGreaterThan(100L * seeds);
        if (wires == Wires.SOME_SECURE) {
            assertThat(sealed).as("messages that were sent by TLS").isGreaterThan(5L * seeds);
        }
    }

    /// An engine fails just before all is calm, where nobody asks it any more: its applications
    /// learn of it in the calm.
    @Test
    void anEngineFailsUnnoticedBeforeTheCalm() {
        assertThat(Simulation.live(411_055, Wires.PLAIN, false).posts()).isPositive();
    }

    /// A closed stream of TLS has overslept: it looks at what has come before it is cut off. (With
    /// no receiver that leads, the seed makes another world, in which nobody speaks TLS.)
    @Test
    void aStreamThatLingersOversleeps() {
        assertThat(Simulation.live(2_976, Wires.SOME_SECURE, false).turns()).isPositive();
    }

    /// A write of TLS is done, and then fails: the same bytes are not written again.
    @Test
    void aWriteFailsBehindItsLastByte() {
        assertThat(Simulation.live(2_033, Wires.SOME_SECURE, false).posts()).isPositive();
    }

    @ParameterizedTest
    @EnumSource
    void aSeedGivesTheSameWorldAgain(Wires wires) {
        for (long seed = 1; seed <= 10; seed++) {
            World first = Simulation.live(seed, wires, false);
            World again = Simulation.live(seed, wires, true);
            assertThat(again.digest()).as("seed " + seed).isEqualTo(first.digest());
            assertThat(again.turns()).isEqualTo(first.turns());
        }
    }

    @Test
    void differentSeedsGiveDifferentWorlds() {
        assertThat(
                        List.of(1L, 2L, 3L, 4L).stream()
                                .map(seed -> Simulation.live(seed, Wires.PLAIN, false).digest()))
                .doesNotHaveDuplicates();
    }

    /// Small worlds whose decisions are a list: one that fails is shortened to what it takes.
    @Property(tries = 200, shrinking = ShrinkingMode.BOUNDED)
    void smallWorldsKeepTheInvariants(@ForAll @Size(max = 2_000) List<Integer> decisions) {
        new World(Choices.listed(decisions), false, Wires.PLAIN).live(decisions.size() / 2);
    }

    private static String storyOf(long seed, Wires wires) {
        ByteArrayOutputStream story = new ByteArrayOutputStream();
        Simulation.replay(seed, wires, new PrintStream(story, true));
        return story.toString();
    }
}

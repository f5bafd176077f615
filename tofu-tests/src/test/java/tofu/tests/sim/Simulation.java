package tofu.tests.sim;

import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Runs worlds from seeds, and says which of them breaks an invariant.
///
/// Usage: `Simulation [--secure 1] [--seeds N] [--first S] [--seed S] [--minutes M]`. A seed that
/// failed is repeated with its last events; `--seed` does the same for one seed. In secure worlds
/// some of the connections speak TLS.
public final class Simulation {
    private static final int MOST_TURNS = 3_000;
    private static final long REPORT_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final PrintStream out;
    private final World.Wires wires;
    private long worlds;
    private long turns;
    private long posts;
    private long sealed;

    private Simulation(PrintStream out, World.Wires wires) {
        this.out = out;
        this.wires = wires;
    }

    /// Runs worlds.
    ///
    /// @param args see above
    public static void main(String[] args) {
        long seeds = 2_000;
        long first = 1;
        long minutes = 60;
        boolean one = false;
        World.Wires wires = World.Wires.PLAIN;
        for (int i = 0; i + 1 < args.length; i += 2) {
            long value = Long.parseLong(args[i + 1]);
            switch (args[i]) {
                case "--secure" -> wires = value == 0 ? World.Wires.PLAIN : World.Wires.SOME_SECURE;
                case "--seeds" -> seeds = value;
                case "--first" -> first = value;
                case "--minutes" -> minutes = value;
                case "--seed" -> {
                    first = value;
                    seeds = 1;
                    one = true;
                }
                default -> throw new IllegalArgumentException("unknown: " + args[i]);
            }
        }
        boolean holds =
                one
                        ? replay(first, wires, System.out)
                        : new Simulation(System.out, wires).run(first, seeds, minutes);
        System.exit(holds ? 0 : 1);
    }

    /// Lives one world.
    ///
    /// @return the world, at its end
    /// @throws Violation if an invariant does not hold
    static World live(long seed, World.Wires wires, boolean tracing) {
        Choices choices = Choices.seeded(seed);
        World world = new World(choices, tracing, wires);
        live(world, choices.below(MOST_TURNS));
        return world;
    }

    private static void live(World world, int chaos) {
        try {
            world.live(chaos);
        } catch (Violation e) {
            throw e;
        } catch (RuntimeException | Error e) {
            throw new Violation("an exception where there should be none", e);
        }
    }

    private boolean run(long first, long seeds, long minutes) {
        long start = System.nanoTime();
        long reported = start;
        for (long seed = first; seed < first + seeds; seed++) {
            try {
                World world = live(seed, wires, false);
                worlds++;
                turns += world.turns();
                posts += world.posts();
                sealed += world.sealed();
            } catch (Violation e) {
                out.println("seed " + seed + ": " + e.getMessage());
                replay(seed, wires, out);
                return false;
            }
            long now = System.nanoTime();
            if (now - reported > REPORT_NANOS) {
                reported = now;
                report(now - start);
            }
            if (now - start > TimeUnit.MINUTES.toNanos(minutes)) {
                break;
            }
        }
        report(System.nanoTime() - start);
        return true;
    }

    private void report(long nanos) {
        out.printf(
                "%,d worlds, %,d turns, %,d messages, %,d sent by TLS, %,.0f worlds/s%n",
                worlds, turns, posts, sealed, worlds * 1e9 / nanos);
    }

    /// Lives a world again, and tells its story.
    ///
    /// @return whether all invariants held
    static boolean replay(long seed, World.Wires wires, PrintStream out) {
        Choices choices = Choices.seeded(seed);
        World world = new World(choices, true, wires);
        boolean holds = true;
        try {
            live(world, choices.below(MOST_TURNS));
        } catch (Violation e) {
            holds = false;
            out.println(world.story());
            out.println("at turn " + world.turns() + ":");
            e.printStackTrace(out);
        }
        for (String line :
                List.of(
                        "seed " + seed,
                        world.turns() + " turns",
                        world.posts() + " messages",
                        "digest " + Long.toHexString(world.digest()))) {
            out.println(line);
        }
        return holds;
    }
}

package tofu.bench.duel;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;

/// The main class of one of the two processes.
///
/// Says on standard output where it listens, later what it measured; ends when its standard input
/// does.
final class Side {
    static final String SERVE = "serve";
    static final String DRIVE = "drive";

    /// What the line starts with that says where a receiver listens.
    static final String LISTENING = "listening ";

    private Side() {}

    /// Runs one side.
    ///
    /// @param args the system's name, [#SERVE] or [#DRIVE], a [Task], and for the driver the place
    public static void main(String[] args) {
        Thread.setDefaultUncaughtExceptionHandler((thread, e) -> fail(e));
        Thread.ofPlatform().daemon().name("parent-watch").start(Side::endWithParent);
        List<String> words = Arrays.asList(args);
        boolean drives = words.get(1).equals(DRIVE);
        Task task = Task.of(words.subList(2, 2 + Task.ARGUMENTS));
        Contestant contestant = Contestants.of(words.get(0));
        try {
            LiveCount live = LiveCount.of(task, words.get(1));
            Meter meter = new Meter(task, drives && task.isOneWay(), live, Side::report);
            if (drives) {
                contestant.drive(task, meter, words.get(2 + Task.ARGUMENTS));
            } else {
                contestant.serve(task, meter, place -> say(LISTENING + place));
            }
        } catch (Exception e) {
            fail(e);
        }
    }

    /// Ends the process at once; the cause goes to standard error.
    static void fail(Throwable cause) {
        cause.printStackTrace();
        Runtime.getRuntime().halt(1);
    }

    private static void report(Outcome outcome) {
        say(outcome.toLine());
    }

    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }

    private static void endWithParent() {
        try {
            System.in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            // As good as the end.
        }
        Runtime.getRuntime().halt(0);
    }
}

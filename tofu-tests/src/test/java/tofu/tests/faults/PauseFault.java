package tofu.tests.faults;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.tests.rigs.ChildProcess;
import tofu.tests.rigs.Eventually;
import tofu.tests.rigs.Frame;
import tofu.tests.rigs.RawPeer;
import tofu.tests.rigs.Received;
import tofu.tests.rigs.Running;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.Transport;

/// A server's process is stopped (SIGSTOP) for longer than all its deadlines, and goes on.
///
/// What its peers have sent meanwhile is here, and so is not late, though every deadline has
/// passed: no channel is told of a timeout, every message arrives once. What is not here is told
/// of.
class PauseFault {
    private static final Path PROCESSES = Path.of("/proc");

    /// Ids of messages; those of hellos are less.
    private static final long FIRST = 100;

    private static final long LAST = 200;

    private static final String CLOSED = Status.CHANNEL_CLOSED.name();

    @RegisterExtension final Stage stage = new Stage();

    /// What a server waits for, no longer than a deadline: how that begins, and how it comes.
    private enum Awaited {
        HELLO(Status.HANDSHAKE_TIMEOUT) {
            @Override
            List<String> begin(RawPeer raw, long hello) {
                return List.of();
            }

            @Override
            List<String> end(RawPeer raw, long hello) {
                raw.send(Frame.hello(hello));
                return List.of("HELLO_REQUEST " + hello);
            }
        },

        REST_OF_FRAME(Status.FRAME_TIMEOUT) {
            /// What is answered came in one piece with the half: that has been read, too.
            @Override
            List<String> begin(RawPeer raw, long hello) {
                List<String> greeted = greet(raw, hello);
                byte[] both =
                        Frame.concat(
                                Frame.of(OpCode.REQUEST, hello), Frame.of(OpCode.SIGNAL, FIRST));
                raw.send(Arrays.copyOf(both, both.length - HALF));
                raw.expect(Frame.of(OpCode.RESPONSE, hello));
                return concat(greeted, List.of("REQUEST " + hello));
            }

            @Override
            List<String> end(RawPeer raw, long hello) {
                byte[] all = Frame.concat(signals());
                raw.send(Arrays.copyOfRange(all, HALF, all.length));
                return storyOfSignals();
            }
        },

        BYE_RESPONSE(Status.CLOSE_TIMEOUT) {
            @Override
            List<String> begin(RawPeer raw, long hello) {
                List<String> greeted = greet(raw, hello);
                raw.send(Frame.of(OpCode.SIGNAL, hello, PausedServer.SAY_BYE));
                raw.expect(Frame.of(OpCode.BYE_REQUEST, hello));
                return concat(greeted, List.of("SIGNAL " + hello));
            }

            @Override
            List<String> end(RawPeer raw, long hello) {
                raw.send(signals()).send(Frame.of(OpCode.BYE_RESPONSE, hello)).finish();
                return concat(storyOfSignals(), List.of("BYE_RESPONSE " + hello, CLOSED));
            }
        },

        END(Status.CLOSE_TIMEOUT) {
            @Override
            List<String> begin(RawPeer raw, long hello) {
                List<String> greeted = greet(raw, hello);
                raw.send(Frame.of(OpCode.BYE_REQUEST, hello));
                raw.expect(Frame.of(OpCode.BYE_RESPONSE, hello));
                return concat(greeted, List.of("BYE_REQUEST " + hello));
            }

            @Override
            List<String> end(RawPeer raw, long hello) {
                raw.finish();
                return List.of(CLOSED);
            }
        };

        private static final int HALF = Frame.of(OpCode.SIGNAL, FIRST).bytes().length / 2;

        final Status timeout;

        Awaited(Status timeout) {
            this.timeout = timeout;
        }

        /// Goes so far that the server waits.
        ///
        /// @return what the server gets
        abstract List<String> begin(RawPeer raw, long hello);

        /// Sends what is waited for.
        ///
        /// @return what the server gets
        abstract List<String> end(RawPeer raw, long hello);

        private static List<String> greet(RawPeer raw, long hello) {
            raw.send(Frame.hello(hello)).expect(Frame.of(OpCode.HELLO_RESPONSE, hello));
            return List.of("HELLO_REQUEST " + hello);
        }

        private static Frame[] signals() {
            return LongStream.range(FIRST, LAST)
                    .mapToObj(id -> Frame.of(OpCode.SIGNAL, id))
                    .toArray(Frame[]::new);
        }

        private static List<String> storyOfSignals() {
            return LongStream.range(FIRST, LAST).mapToObj(id -> "SIGNAL " + id).toList();
        }
    }

    /// A message in a line's words.
    static String story(Received received) {
        return received.isFromEngine()
                ? received.status().name()
                : received.opCode() + " " + received.id();
    }

    private static List<String> concat(List<String> first, List<String> second) {
        return Stream.concat(first.stream(), second.stream()).toList();
    }

    /// The process of a [PausedServer].
    ///
    /// Thread: one at a time. Owns the process.
    private static final class Server implements AutoCloseable {
        private final Process process;
        private final BufferedReader output;
        private final Queue<String> lines = new ConcurrentLinkedQueue<>();

        Server(Transport transport) throws IOException {
            process = ChildProcess.start(PausedServer.class, transport.name());
            output = process.inputReader();
        }

        /// Where it listens; from now on its lines are collected.
        String address() {
            String address = Running.start(output::readLine).result();
            Running.run(
                    () -> {
                        for (String line = output.readLine();
                                line != null;
                                line = output.readLine()) {
                            lines.add(line);
                        }
                    });
            return Objects.requireNonNull(address, "the server died");
        }

        void stop() throws Exception {
            signal("STOP");
            Eventually.holds("a stopped process", this::isStopped);
        }

        void goOn() throws Exception {
            signal("CONT");
        }

        private void signal(String name) throws Exception {
            String kill = "kill -" + name + " " + process.pid();
            assertThat(new ProcessBuilder("/bin/sh", "-c", kill).start().waitFor()).isZero();
        }

        private boolean isStopped() throws IOException {
            Path threads = PROCESSES.resolve(process.pid() + "/task");
            try (Stream<Path> all = Files.list(threads)) {
                for (Path thread : all.toList()) {
                    String stat = Files.readString(thread.resolve("stat"));
                    if (stat.charAt(stat.lastIndexOf(')') + 2) != 'T') {
                        return false;
                    }
                }
            }
            return true;
        }

        /// What the server got until now on each channel, by the ids of their hellos; 0 if there
        /// was none.
        Map<Long, List<String>> stories() {
            Map<String, List<String>> ofChannels = new HashMap<>();
            for (String line : lines) {
                int blank = line.indexOf(' ');
                ofChannels
                        .computeIfAbsent(line.substring(0, blank), channel -> new ArrayList<>())
                        .add(line.substring(blank + 1));
            }
            Map<Long, List<String>> stories = new HashMap<>();
            for (List<String> story : ofChannels.values()) {
                String first = story.getFirst();
                boolean greeted = first.startsWith("HELLO_REQUEST ");
                long hello = greeted ? Long.parseLong(first.substring(first.indexOf(' ') + 1)) : 0;
                stories.put(hello, story);
            }
            return stories;
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }

    /// A peer of the server.
    ///
    /// @param story what the server has got of it
    private record Caller(Awaited awaited, RawPeer raw, long hello, List<String> story) {
        static Caller begin(Awaited awaited, RawPeer raw, long hello) {
            return new Caller(awaited, raw, hello, new ArrayList<>(awaited.begin(raw, hello)));
        }

        void end() {
            story.addAll(awaited.end(raw, hello));
        }

        void isTooLate() {
            story.addAll(List.of(awaited.timeout.name(), CLOSED));
        }

        boolean isOpen() {
            return !story.getLast().equals(CLOSED);
        }

        /// Its channel is as good as ever.
        void ask() {
            if (awaited == Awaited.HELLO) {
                raw.expect(Frame.of(OpCode.HELLO_RESPONSE, hello));
            }
            raw.send(Frame.of(OpCode.REQUEST, LAST)).expect(Frame.of(OpCode.RESPONSE, LAST));
            story.add("REQUEST " + LAST);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatIsHereAfterAStopIsNotLateAndWhatIsNotIsToldOf(Transport transport) throws Exception {
        assumeTrue(Files.isDirectory(PROCESSES.resolve("self/task")), "needs Linux");
        assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "needs a shell");
        try (Server server = new Server(transport)) {
            String address = server.address();
            List<Caller> punctual = new ArrayList<>();
            List<Caller> silent = new ArrayList<>();
            for (Awaited awaited : Awaited.values()) {
                long hello = 2 * awaited.ordinal();
                silent.add(Caller.begin(awaited, stage.raw(address), hello));
                punctual.add(Caller.begin(awaited, stage.raw(address), hello + 1));
            }
            server.stop();
            punctual.forEach(Caller::end);
            RawPeer witness = silent.getFirst().raw();
            witness.expectSilence(PausedServer.DEADLINE.plusMillis(200));
            server.goOn();
            silent.forEach(Caller::isTooLate);
            List<Caller> all = new ArrayList<>(silent);
            all.addAll(punctual);
            expectStories(server, all);
            punctual.stream().filter(Caller::isOpen).forEach(Caller::ask);
            expectStories(server, all);
        }
    }

    private static void expectStories(Server server, List<Caller> callers) {
        Map<Long, List<String>> expected =
                callers.stream().collect(toMap(Caller::hello, Caller::story));
        Eventually.passes(
                "what the server gets", () -> assertThat(server.stories()).isEqualTo(expected));
    }
}

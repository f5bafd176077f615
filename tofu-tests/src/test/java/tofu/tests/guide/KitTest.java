package tofu.tests.guide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.kit.Connector;
import tofu.kit.Dispatcher;
import tofu.kit.RequestException;
import tofu.kit.Requester;
import tofu.kit.Server;
import tofu.kit.Slow;
import tofu.kit.Topics;
import tofu.kit.WorkQueue;
import tofu.tests.rigs.ChildProcess;
import tofu.tests.rigs.Eventually;

/// Snippets and programs of docs/guide/kit.md.
class KitTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    private static Address.Client address(Server server) {
        return server.listening().orTimeout(20, TimeUnit.SECONDS).join().getFirst();
    }

    private static String take(BlockingQueue<String> heard) throws InterruptedException {
        return heard.poll(20, TimeUnit.SECONDS);
    }

    /// Lines with code, without package and imports.
    @ParameterizedTest
    @CsvSource({
        "README.md, hello/HelloClient.java, 15",
        "README.md, hello/HelloServer.java, 20",
        "docs/guide/kit.md, Lexicon#service, 60",
        "docs/guide/kit.md, ChatRoom#chat, 60"
    })
    void theProgramsAreShort(String page, String source, int most) {
        String text =
                Page.of(page).blocks().stream()
                        .filter(block -> block.source().equals(source))
                        .map(Page.Block::text)
                        .findFirst()
                        .orElseThrow();
        assertThat(text.lines())
                .filteredOn(line -> !line.isBlank() && !line.matches("(package|import) .*"))
                .hasSizeLessThanOrEqualTo(most);
    }

    @Test
    void aClientComesBackToWhicheverServerIsThere() throws Exception {
        Address.Server first = FirstTest.somewhere("uds");
        Address.Server second = FirstTest.somewhere("uds");
        List<Address.Client> both =
                List.of(Address.connectTo(first.toString()), Address.connectTo(second.toString()));
        try (Ampe ampe = Ampe.open();
                Dispatcher client = new Dispatcher(ampe).start();
                Dispatcher two = new Dispatcher(ampe).start();
                Connector lexicon = Lexicon.connect(client, both)) {
            Dispatcher one = new Dispatcher(ampe).start();
            CompletableFuture<Message> early =
                    lexicon.ask(ask -> ask.body().append("tofu"), LONG); // nobody is there
            address(Lexicon.serve(one, first, Map.of("tofu", "bean curd")));
            try (Message answer = early.get(20, TimeUnit.SECONDS)) {
                assertThat(answer.body().text()).isEqualTo("bean curd");
            }
            assertThat(Lexicon.meaning(lexicon, "tofu")).isEqualTo("bean curd");
            address(Lexicon.serve(two, second, Map.of("tofu", "soybean curd")));
            int ended = lexicon.channel();
            one.close();
            // What is asked on that channel before its end is known would end with it.
            Eventually.holds("the end is known", () -> lexicon.channel() != ended);
            assertThat(Lexicon.meaning(lexicon, "tofu")).isEqualTo("soybean curd");
            assertThat(Lexicon.meaning(lexicon, "x")).isEqualTo("no such word");
        }
    }

    @Test
    void theLexiconIsAProgramToServeAndToAsk() throws Exception {
        String address = FirstTest.somewhere("uds").toString();
        Process server = ChildProcess.start(Lexicon.class, address);
        try (BufferedReader said = server.inputReader()) {
            assertThat(said.readLine()).isEqualTo("listening on " + address);
            String meaning = ChildProcess.run("true", Lexicon.class, address, "tofu");
            assertThat(meaning).startsWith("bean curd");
        } finally {
            server.destroyForcibly().waitFor();
        }
    }

    @Test
    void theChatRoomIsAProgram() throws Exception {
        BlockingQueue<String> ann = new ArrayBlockingQueue<>(10);
        BlockingQueue<String> bob = new ArrayBlockingQueue<>(10);
        Address.Server where = FirstTest.somewhere("uds");
        Process room = ChildProcess.start(ChatRoom.class, where.toString());
        try (BufferedReader said = room.inputReader();
                Ampe ampe = Ampe.open();
                Dispatcher clients = new Dispatcher(ampe).start();
                Connector first = join(clients, where.toClient(), "ann", ann)) {
            assertThat(said.readLine()).isEqualTo("listening on " + where);
            Eventually.holds("ann is there", () -> first.channel() != 0);
            var _ = join(clients, where.toClient(), "bob", bob);
            assertThat(take(ann)).isEqualTo("* bob has come");
            try (Message line = clients.message()) {
                line.opCode(OpCode.SIGNAL).body().append("hello");
                assertThat(first.send(line)).isTrue();
            }
            assertThat(take(bob)).isEqualTo("ann: hello");
        } finally {
            room.destroyForcibly().waitFor();
        }
    }

    private static Connector join(
            Dispatcher dispatcher, Address.Client room, String name, BlockingQueue<String> heard) {
        return Connector.builder(dispatcher)
                .to(room)
                .hello(hello -> hello.headers().append("name", name))
                .onMessage(message -> heard.add(message.body().text()))
                .start();
    }

    @Test
    void whatOneSaysAllOthersHear() throws Exception {
        BlockingQueue<String> ann = new ArrayBlockingQueue<>(10);
        BlockingQueue<String> bob = new ArrayBlockingQueue<>(10);
        try (Ampe ampe = Ampe.open();
                Dispatcher dispatcher = new Dispatcher(ampe).start();
                Dispatcher clients = new Dispatcher(ampe).start()) {
            Server server =
                    Server.builder(dispatcher)
                            .listenOn(FirstTest.somewhere("tcp"))
                            .sessions(new ChatRoom())
                            .start();
            Connector first = join(clients, address(server), "ann", ann);
            CompletableFuture<Message> there = first.ask(message -> {}, Duration.ofMillis(1));
            assertThat(there).isNotNull();
            while (server.peers() < 1) {
                Thread.onSpinWait();
            }
            Connector second = join(clients, address(server), "bob", bob);
            assertThat(take(ann)).isEqualTo("* bob has come");
            while (second.channel() == 0) {
                Thread.onSpinWait();
            }
            try (Message line = clients.message()) {
                line.opCode(OpCode.SIGNAL).body().append("hello");
                assertThat(second.send(line)).isTrue();
            }
            assertThat(take(ann)).isEqualTo("bob: hello");
            second.close();
            assertThat(take(ann)).isEqualTo("* bob has left");
        }
    }

    // @start region="loop"
    static Dispatcher signals(Ampe ampe, int channel, BlockingQueue<String> heard) {
        return new Dispatcher(ampe)
                .on(channel, message -> heard.add("channel: " + message.body().text()))
                .on("alarm", message -> heard.add("alarm: " + message.headers().first("alarm")))
                .on(OpCode.SIGNAL, message -> heard.add("signal: " + message.body().text()))
                .onFailure((failure, of) -> heard.add(failure.getMessage()))
                .start();
    }

    // @end

    @Test
    void aDispatcherBringsMessagesToTheirHandlers() throws Exception {
        BlockingQueue<String> heard = new ArrayBlockingQueue<>(10);
        try (Ampe ampe = Ampe.open();
                Dispatcher dispatcher = signals(ampe, 65_534, heard)) {
            Server server =
                    Server.builder(dispatcher)
                            .listenOn(FirstTest.somewhere("uds"))
                            .sessions((peer, hello) -> peer::answer)
                            .start();
            address(server);
            dispatcher.execute(
                    () -> {
                        throw new IllegalStateException("a task has failed");
                    });
            assertThat(take(heard)).isEqualTo("a task has failed");
        }
    }

    // @start region="ask"
    static String ask(Requester requester, int channel, Message question) {
        return requester
                .ask(channel, question, Duration.ofSeconds(2))
                .handle(
                        (answer, failure) -> {
                            if (failure instanceof RequestException e) {
                                return switch (e.reason()) {
                                    case NOT_SENT -> "nobody has seen it: try again";
                                    case TIMEOUT, CHANNEL_ENDED -> "it may have been done";
                                    default -> e.getMessage(); // more reasons may come
                                };
                            }
                            try (answer) { // whoever gets it owns it
                                return answer.body().text();
                            }
                        })
                .join();
    }

    // @end

    @Test
    void aRequestEndsByAnAnswerOrAReason() throws Exception {
        try (Visit visit = Visit.begin();
                Dispatcher dispatcher = new Dispatcher(visit.ampe).start()) {
            Requester requester = new Requester(dispatcher);
            CompletableFuture<Integer> up = new CompletableFuture<>();
            try (Connector connector =
                    Connector.builder(dispatcher)
                            .to(visit.neighbour.address())
                            .onUp(up::complete)
                            .start()) {
                int channel = up.get(20, TimeUnit.SECONDS);
                try (Message question = dispatcher.message()) {
                    question.body().append("who?");
                    assertThat(ask(requester, channel, question)).isEqualTo("who?");
                }
                assertThat(connector.refusals()).isZero();
            }
        }
    }

    // @start region="topics"
    static Server newsAndWork(Dispatcher dispatcher, Address.Server where, WorkQueue work) {
        Topics topics = new Topics(dispatcher, Slow.DROP_OLDEST);
        return Server.builder(dispatcher)
                .listenOn(where)
                .sessions((peer, hello) -> topics.session(peer, work.session(peer)))
                .start();
    }

    // @end

    @Test
    void topicsAndWorkShareAServer() throws Exception {
        BlockingQueue<String> heard = new ArrayBlockingQueue<>(10);
        try (Ampe ampe = Ampe.open();
                Dispatcher dispatcher = new Dispatcher(ampe).start();
                Dispatcher clients = new Dispatcher(ampe).start()) {
            WorkQueue work =
                    new WorkQueue(dispatcher, WorkQueue.Settings.USUAL, (number, job) -> {});
            Server server = newsAndWork(dispatcher, FirstTest.somewhere("tcp"), work);
            try (Connector connector =
                    Connector.builder(clients)
                            .to(address(server))
                            .onMessage(message -> heard.add(message.body().text()))
                            .start()) {
                connector
                        .askAndWait(m -> m.headers().append(Topics.SUBSCRIBE, "news"), LONG)
                        .close();
                connector.askAndWait(KitTest::news, LONG).close();
                assertThat(take(heard)).isEqualTo("it rains");

                work.offer("a job".getBytes(java.nio.charset.StandardCharsets.UTF_8));
                String number;
                try (Message job =
                        connector.askAndWait(m -> m.headers().append("take", "1"), LONG)) {
                    assertThat(job.body().text()).isEqualTo("a job");
                    number = Objects.requireNonNull(job.headers().first(WorkQueue.JOB));
                }
                connector.askAndWait(m -> m.headers().append("done", number), LONG).close();
                assertThat(work.done()).isEqualTo(1);
            }
        }
    }

    private static void news(Message news) {
        news.headers().append(Topics.PUBLISH, "news");
        news.body().append("it rains");
    }

    // @start region="drain"
    static void leave(Dispatcher dispatcher, Server server) {
        server.drain(Duration.ofSeconds(5)).join(); // not on the dispatcher's own thread
        dispatcher.close();
    }

    // @end

    @Test
    void aServerLeavesInGoodOrder() throws Exception {
        try (Ampe ampe = Ampe.open();
                Dispatcher clients = new Dispatcher(ampe).start()) {
            Dispatcher dispatcher = new Dispatcher(ampe).start();
            Server server =
                    Server.builder(dispatcher)
                            .listenOn(FirstTest.somewhere("uds"))
                            .sessions((peer, hello) -> peer::answer)
                            .start();
            Connector client =
                    Connector.builder(clients)
                            .to(address(server))
                            .whileDown(Connector.WhileDown.FAIL)
                            .start();
            while (client.channel() == 0) {
                Thread.onSpinWait();
            }
            client.askAndWait(m -> {}, LONG).close();
            leave(dispatcher, server);
            while (client.channel() != 0) {
                Thread.onSpinWait();
            }
            assertThatThrownBy(() -> client.askAndWait(m -> {}, LONG))
                    .isInstanceOf(RequestException.class);
            assertThat(server.peers()).isZero();
        }
    }
}

package tofu.tests.guide;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.Message;
import tofu.kit.Connector;
import tofu.kit.Dispatcher;
import tofu.kit.Heartbeat;
import tofu.kit.Server;

// @start region="service"
/// A service that knows what words mean, and clients that come back to it.
final class Lexicon {
    private static final Duration SILENCE = Duration.ofSeconds(5);

    private Lexicon() {}

    /// The address of the server, and nothing else to be one; to ask, the word.
    public static void main(String[] args) throws InterruptedException {
        try (Ampe ampe = Ampe.open();
                Dispatcher dispatcher = new Dispatcher(ampe).start()) {
            if (args.length > 1) {
                List<Address.Client> servers = List.of(Address.connectTo(args[0]));
                IO.println(meaning(connect(dispatcher, servers), args[1]));
            } else {
                Address.Server where = Address.listenOn(args[0]);
                Server server = serve(dispatcher, where, Map.of("tofu", "bean curd"));
                IO.println("listening on " + server.listening().join().getFirst());
                dispatcher.awaitEnd(); // until it is killed
            }
        }
    }

    static Server serve(Dispatcher dispatcher, Address.Server where, Map<String, String> words) {
        Heartbeat heartbeat = new Heartbeat(dispatcher, SILENCE, 3);
        return Server.builder(dispatcher)
                .listenOn(where)
                .refuse(hello -> hello.headers().first("key") == null ? "no key" : null)
                .sessions(
                        (peer, hello) -> {
                            heartbeat.watch(peer.channel());
                            return question -> {
                                String word = question.body().text();
                                String meaning = words.getOrDefault(word, "no such word");
                                question.body().clear().append(meaning);
                                peer.answer(question);
                            };
                        })
                .start();
    }

    /// Whichever of the servers is there, the first one if it is.
    static Connector connect(Dispatcher dispatcher, List<Address.Client> servers) {
        Heartbeat heartbeat = new Heartbeat(dispatcher, SILENCE, 3);
        Connector.Builder builder =
                Connector.builder(dispatcher)
                        .hello(hello -> hello.headers().append("key", "opensesame"))
                        .onUp(heartbeat::watch)
                        .onDown(status -> IO.println("the connection has ended: " + status));
        servers.forEach(builder::to);
        return builder.start();
    }

    /// Any thread, whether there is a connection just now or not.
    static String meaning(Connector lexicon, String word) throws InterruptedException {
        Duration timeout = Duration.ofSeconds(10);
        try (Message answer = lexicon.askAndWait(ask -> ask.body().append(word), timeout)) {
            return answer.body().text();
        }
    }
}
// @end

package tofu.tests.guide;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.Message;
import tofu.api.Status;
import tofu.kit.Dispatcher;
import tofu.kit.Peer;
import tofu.kit.Server;
import tofu.kit.Session;
import tofu.kit.Sessions;

// @start region="chat"
/// A chat: what one says, all others hear.
final class ChatRoom implements Sessions {
    private final Map<Peer, String> names = new LinkedHashMap<>();

    /// The address to listen on.
    public static void main(String[] args) throws InterruptedException {
        try (Ampe ampe = Ampe.open();
                Dispatcher dispatcher = new Dispatcher(ampe).start()) {
            Server server =
                    Server.builder(dispatcher)
                            .listenOn(Address.listenOn(args[0]))
                            .sessions(new ChatRoom())
                            .start();
            IO.println("listening on " + server.listening().join().getFirst());
            dispatcher.awaitEnd(); // until it is killed
        }
    }

    @Override
    public Session open(Peer peer, Message hello) {
        String name = Objects.requireNonNullElse(hello.headers().first("name"), "somebody");
        tellAllBut(peer, "* " + name + " has come");
        names.put(peer, name);
        return new Session() {
            @Override
            public void onMessage(Message said) {
                tellAllBut(peer, name + ": " + said.body().text());
            }

            @Override
            public void onEnd(Status reason) {
                names.remove(peer);
                tellAllBut(peer, "* " + name + " has left");
            }
        };
    }

    private void tellAllBut(Peer speaker, String line) {
        for (Peer peer : names.keySet()) {
            if (peer != speaker) {
                try (Message message = peer.message()) { // a signal
                    message.body().append(line);
                    peer.send(message);
                }
            }
        }
    }
}
// @end

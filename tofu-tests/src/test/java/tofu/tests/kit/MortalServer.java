package tofu.tests.kit;

import tofu.api.Address;
import tofu.api.Ampe;
import tofu.kit.Dispatcher;
import tofu.kit.Server;

/// A program that answers every request with what it was asked, until it is killed.
final class MortalServer {
    private MortalServer() {}

    /// Listens on the address that is its argument, and says so.
    public static void main(String[] args) throws InterruptedException {
        try (Ampe ampe = Ampe.open();
                Dispatcher dispatcher = new Dispatcher(ampe).start()) {
            Server server =
                    Server.builder(dispatcher)
                            .listenOn(Address.listenOn(args[0]))
                            .sessions((peer, hello) -> peer::answer)
                            .start();
            System.out.println(server.listening().join().getFirst());
            dispatcher.awaitEnd();
        }
    }
}

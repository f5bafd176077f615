package hello;

import tofu.api.*;
import tofu.kit.*;

public class HelloServer {
    public static void main(String[] args) throws InterruptedException {
        String address = args.length > 0 ? args[0] : "tcp|127.0.0.1|7099";
        try (Ampe ampe = Ampe.open();
                Dispatcher dispatcher = new Dispatcher(ampe).start()) {
            Runtime.getRuntime().addShutdownHook(new Thread(dispatcher::close)); // Ctrl-C
            Server server =
                    Server.builder(dispatcher)
                            .listenOn(Address.listenOn(address))
                            .sessions((peer, hello) -> peer::answer)
                            .start();
            IO.println("listening on " + server.listening().join().getFirst());
            dispatcher.awaitEnd();
        }
    }
}

package hello;

import java.time.Duration;
import tofu.api.*;
import tofu.kit.*;

public class HelloClient {
    public static void main(String[] args) throws InterruptedException {
        String address = args.length > 0 ? args[0] : "tcp|127.0.0.1|7099";
        try (Ampe ampe = Ampe.open();
                Dispatcher dispatcher = new Dispatcher(ampe).start();
                Connector server = Connector.to(dispatcher, Address.connectTo(address));
                Message answer =
                        server.askAndWait(
                                question -> question.body().append("Hello, tofu!"),
                                Duration.ofSeconds(10))) {
            IO.println(answer.body().text());
        }
    }
}

package tofu.tests.guide;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Origin;
import tofu.api.Status;

/// The server of the guide: it answers each request with its text in capitals. Ctrl-C ends it, and
/// whoever closes its engine.
final class FirstServer {
    private final CompletableFuture<Address.Client> address = new CompletableFuture<>();

    private volatile @Nullable ChannelGroup serving;

    /// Where to connect to, once it listens.
    CompletableFuture<Address.Client> address() {
        return address;
    }

    // @start region="run"
    void run(Address.Server where) throws InterruptedException {
        try (Ampe ampe = Ampe.open()) {
            Runtime.getRuntime().addShutdownHook(new Thread(ampe::close)); // Ctrl-C
            serve(ampe, where);
        }
    }

    // @end

    // @start region="serve"
    void serve(Ampe ampe, Address.Server where) throws InterruptedException {
        try (ChannelGroup group = ampe.create()) {
            serving = group;
            int listener = listen(ampe, group, where);
            boolean open = true;
            while (open) {
                try (Message message = group.waitReceive()) {
                    boolean stopped = message.status() == Status.RECEIVER_UPDATE;
                    boolean failed = message.endsChannel() && message.channel() == listener;
                    open = !stopped && !failed;
                    handle(group, message);
                }
            }
        } catch (AmpeException e) {
            if (e.status() != Status.SHUTDOWN_STARTED) { // somebody has closed the engine
                throw e;
            }
        }
    }

    // @end

    // @start region="stop"
    /// Any thread of this program may stop the server; no peer can.
    void stop() {
        ChannelGroup group = serving;
        if (group != null) {
            group.updateReceiver(null);
        }
    }

    // @end

    // @start region="listen"
    static int listen(Ampe ampe, ChannelGroup group, Address.Server where) {
        try (Message welcome = ampe.get()) {
            welcome.listenOn(where); // a WelcomeRequest, with the address as its text header
            return group.enqueueToPeer(welcome).channel(); // moved: `welcome` is empty now
        }
    }

    // @end

    // @start region="handle"
    void handle(ChannelGroup group, Message message) throws InterruptedException {
        if (message.origin() == Origin.ENGINE) {
            IO.println("the engine says " + message.status() + " of " + message.channel());
            return;
        }
        switch (message.opCode()) {
            case WELCOME_RESPONSE -> // it listens; with port 0, this names the real port
                    address.complete(Address.parse(message).toClient());
            case HELLO_REQUEST -> answer(group, message.opCode(OpCode.HELLO_RESPONSE));
            case REQUEST -> {
                String text = message.body().text();
                message.body().clear().append(text.toUpperCase(Locale.ROOT));
                answer(group, message.opCode(OpCode.RESPONSE));
            }
            case BYE_REQUEST -> answer(group, message.opCode(OpCode.BYE_RESPONSE));
            default -> {} // a signal or a response: this server asks nobody anything
        }
    }

    // @end

    // @start region="answer"
    static void answer(ChannelGroup group, Message answer) throws InterruptedException {
        try {
            group.enqueueToPeer(answer, Duration.ofSeconds(1)); // waits if the queue is full
        } catch (AmpeException e) { // the peer has gone, or does not read; the message stays ours
            IO.println("not answered: " + e.getMessage());
        }
    }
    // @end
}

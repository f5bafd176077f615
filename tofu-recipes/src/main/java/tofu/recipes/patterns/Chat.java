package tofu.recipes.patterns;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Origin;
import tofu.api.Status;
import tofu.recipes.first.Steps;

/// A chat: start it in two terminals or more, with one address. The first listens, the others
/// connect to it, and it passes on what each says. `/bye`, or the end of input, leaves.
///
/// Two threads: one waits for the keyboard, and tells the other through `updateReceiver`; that one
/// does everything else.
public final class Chat {
    private static final String LEAVE = "/bye";

    private final PrintStream out;
    private final String name;
    private final Ampe ampe;
    private final ChannelGroup group;
    private final Set<Integer> peers = new LinkedHashSet<>();
    private boolean listening;
    private boolean leaving;
    private int said;
    private int heard;

    private Chat(PrintStream out, String name, Ampe ampe, ChannelGroup group) {
        this.out = out;
        this.name = name;
        this.ampe = ampe;
        this.group = group;
    }

    /// Runs the recipe.
    ///
    /// @param in what is typed
    /// @param name what the others see before each line
    public static String run(PrintStream out, BufferedReader in, Address.Server where, String name)
            throws InterruptedException {
        try (Ampe ampe = Ampe.open();
                ChannelGroup group = ampe.create()) {
            Chat chat = new Chat(out, name, ampe, group);
            chat.join(where);
            Thread.ofPlatform().daemon().name("keyboard").start(() -> chat.type(in));
            boolean open = true;
            while (open) {
                try (Message message = group.waitReceive()) {
                    open = chat.handle(message);
                }
            }
            return chat.said + " said, " + chat.heard + " heard";
        }
    }

    /// Listens, or connects to who does already.
    private void join(Address.Server where) throws InterruptedException {
        int listener;
        try (Message welcome = ampe.get()) {
            listener = group.enqueueToPeer(welcome.listenOn(where)).channel();
        }
        try (Message welcome = Steps.next(group)) {
            listening = welcome.status() == Status.SUCCESS;
            if (listening) {
                out.println("listening on " + Address.parse(welcome));
                return;
            }
        }
        Steps.awaitEnd(group, listener);
        peers.add(Steps.connect(ampe, group, Address.connectTo(where.toString())));
        out.println("connected to " + where);
    }

    /// The keyboard's thread.
    private void type(BufferedReader in) {
        try {
            String line = in.readLine();
            while (line != null && !line.equals(LEAVE)) {
                tell(line);
                line = in.readLine();
            }
            tell(LEAVE);
        } catch (IOException | AmpeException e) {
            out.println("* no more from the keyboard: " + e.getMessage());
        }
    }

    private void tell(String line) {
        try (Message update = ampe.get()) {
            update.body().append(line);
            group.updateReceiver(update);
        }
    }

    /// Handles a message; whether the chat goes on.
    private boolean handle(Message message) throws InterruptedException {
        if (message.status() == Status.RECEIVER_UPDATE) {
            return typed(message.body().text());
        }
        if (message.endsChannel()) {
            if (peers.remove(message.channel())) { // else it ended before it said hello
                out.println("* somebody has left");
            }
            return listening && !(leaving && peers.isEmpty());
        }
        if (message.origin() == Origin.APPLICATION) {
            switch (message.opCode()) {
                case HELLO_REQUEST -> {
                    peers.add(message.channel());
                    out.println("* somebody has come");
                    Steps.tryAnswer(group, message);
                }
                case SIGNAL -> hear(message);
                case BYE_REQUEST -> Steps.tryAnswer(group, message);
                default -> {} // the answer to our bye
            }
        }
        return true;
    }

    private boolean typed(String line) {
        if (!line.equals(LEAVE)) {
            said++;
            peers.forEach(peer -> send(OpCode.SIGNAL, peer, name, line));
            return true;
        }
        leaving = true;
        peers.forEach(peer -> send(OpCode.BYE_REQUEST, peer, name, ""));
        return !peers.isEmpty();
    }

    private void hear(Message message) {
        heard++;
        String from = Objects.requireNonNullElse(message.headers().first("from"), "?");
        String line = message.body().text();
        out.println(from + ": " + line);
        for (int peer : peers) {
            if (peer != message.channel()) {
                send(OpCode.SIGNAL, peer, from, line);
            }
        }
    }

    private void send(OpCode opCode, int peer, String from, String line) {
        try (Message message = ampe.get()) {
            message.opCode(opCode).channel(peer).headers().append("from", from);
            message.body().append(line);
            group.enqueueToPeer(message);
        } catch (AmpeException e) {
            out.println("* not sent: " + e.getMessage()); // slow, or leaving
        }
    }
}

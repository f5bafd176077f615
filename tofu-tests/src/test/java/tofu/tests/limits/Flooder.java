package tofu.tests.limits;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import tofu.api.OpCode;
import tofu.tests.rigs.Frame;
import tofu.tests.rigs.RawPeer;
import tofu.tests.rigs.Running;

/// Plain sockets that ask one server for more than it can give: they connect, greet, send frames
/// in part or whole, large or many, read nothing, and break off.
///
/// Thread: one. Owns its sockets, of which it has a bounded number at a time.
final class Flooder implements Running.Action {
    private static final int MOST_OPEN = 12;

    /// What one says after its hello.
    private static final byte[] LARGE = frame(60_000);

    private static final byte[] HALF = Arrays.copyOf(LARGE, LARGE.length / 2);
    private static final byte[] SMALL = manySmall();

    private final String address;
    private final SplittableRandom dice;
    private final BooleanSupplier goesOn;
    private final AtomicLong connections;
    private final Deque<RawPeer> open = new ArrayDeque<>();

    /// @param connections counts them
    Flooder(String address, SplittableRandom dice, BooleanSupplier goesOn, AtomicLong connections) {
        this.address = address;
        this.dice = dice;
        this.goesOn = goesOn;
        this.connections = connections;
    }

    private static byte[] frame(int bodyLength) {
        return Frame.of(OpCode.REQUEST, 7, "b".repeat(bodyLength)).bytes();
    }

    private static byte[] manySmall() {
        byte[] one = frame(200);
        byte[] all = new byte[one.length * 100];
        for (int i = 0; i < all.length; i += one.length) {
            System.arraycopy(one, 0, all, i, one.length);
        }
        return all;
    }

    @Override
    public void run() {
        try {
            while (goesOn.getAsBoolean()) {
                step();
            }
        } finally {
            while (!open.isEmpty()) {
                end(open.removeFirst());
            }
        }
    }

    private void step() {
        if (open.size() >= MOST_OPEN) {
            end(open.removeFirst());
        }
        try {
            RawPeer peer = RawPeer.connect(address);
            open.add(peer);
            connections.incrementAndGet();
            act(peer);
        } catch (UncheckedIOException | IOException refused) {
            // The server may turn anybody away who behaves like this.
        }
    }

    private void act(RawPeer peer) throws IOException {
        int manner = dice.nextInt(7);
        if (manner > 0) {
            send(peer, Frame.hello(1_000_000 + dice.nextInt(1_000_000)).bytes(), 1);
        }
        switch (manner) {
            case 0, 1 -> {} // connects, or greets, and is silent
            case 2 -> send(peer, HALF, 1);
            case 3 -> send(peer, LARGE, 1 + dice.nextInt(8));
            case 4 -> send(peer, SMALL, 1 + dice.nextInt(32));
            case 5 -> {
                send(peer, LARGE, 1);
                send(peer, SMALL, 2);
                send(peer, HALF, 1);
            }
            default -> {
                send(peer, SMALL, 4);
                end(open.removeLast());
            }
        }
    }

    /// Sends as much as the system takes at once.
    private static void send(RawPeer peer, byte[] bytes, int times) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        for (int i = 0; i < times && peer.channel().write(buffer.rewind()) == bytes.length; ) {
            i++;
        }
    }

    private void end(RawPeer peer) {
        try {
            if (dice.nextBoolean()) {
                peer.reset();
            } else {
                peer.close();
            }
        } catch (UncheckedIOException | IOException alreadyBroken) {
            // What was to be reached.
        }
    }
}

package tofu.tests.faults;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import tofu.api.Address;
import tofu.api.OpCode;
import tofu.tests.rigs.Frame;
import tofu.tests.rigs.Transport;

/// A program with many raw sockets that connect to one engine, say little, and are slow to say it.
///
/// `ADDRESS COUNT MANNER`; prints "connected", then, when the engine has closed all of them,
/// "ended", and how many milliseconds after its first word, or after it connected, the first and
/// the last one were.
///
/// Owns its sockets.
final class Crowd {
    private static final long TEN_MILLIS = 10_000_000L;

    /// So many take turns to say a byte: each says one a second.
    private static final int TURNS = 100;

    /// How one of them behaves; each takes the manner of its number.
    enum Manner {
        /// A third says nothing, a third says half a hello, a third says it a byte a second.
        NO_HELLO {
            @Override
            byte[] beginning(int number) {
                return number % 3 == 1 ? Arrays.copyOf(HELLO, HELLO.length / 2) : new byte[0];
            }

            @Override
            byte[] slowly(int number) {
                return number % 3 == 2 ? HELLO : new byte[0];
            }
        },

        /// Says hello, and is quiet then.
        HELLO_ONLY {
            @Override
            byte[] beginning(int number) {
                return hello(number);
            }

            @Override
            byte[] slowly(int number) {
                return new byte[0];
            }
        },

        /// Says hello, then claims the longest frame there is, and sends that a byte a second.
        LONGEST_FRAME {
            @Override
            byte[] beginning(int number) {
                byte[] claim = Frame.of(OpCode.REQUEST, 2).bytes(65_535, 65_535);
                byte[] both = Arrays.copyOf(hello(number), HELLO.length + claim.length);
                System.arraycopy(claim, 0, both, HELLO.length, claim.length);
                return both;
            }

            @Override
            byte[] slowly(int number) {
                return BYTES;
            }
        };

        private static final byte[] HELLO = hello(0);
        private static final byte[] BYTES = new byte[1 << 10];

        private static byte[] hello(int number) {
            return Frame.hello(1_000_000L + number).bytes();
        }

        /// What one says at once.
        abstract byte[] beginning(int number);

        /// What one says after that, a byte a second.
        abstract byte[] slowly(int number);
    }

    private final Selector selector = Selector.open();
    private final List<Member> members = new ArrayList<>();
    private final ByteBuffer sink = ByteBuffer.allocate(1 << 10);
    private int ended;
    private long shortestNanos = Long.MAX_VALUE;
    private long longestNanos;

    private Crowd() throws IOException {}

    private final class Member {
        private final SocketChannel channel;
        private final ByteBuffer slowly;
        private final long start;

        Member(SocketChannel channel, byte[] beginning, byte[] slowly) throws IOException {
            this.channel = channel;
            this.slowly = ByteBuffer.wrap(slowly);
            start = System.nanoTime();
            channel.write(ByteBuffer.wrap(beginning));
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ, this);
        }

        void read() {
            try {
                int count = channel.read(sink.clear());
                if (count < 0) {
                    end();
                }
            } catch (IOException reset) {
                end();
            }
        }

        void sayAByte() {
            if (channel.isOpen() && slowly.hasRemaining()) {
                try {
                    slowly.limit(slowly.position() + 1);
                    channel.write(slowly);
                    slowly.limit(slowly.capacity());
                } catch (IOException reset) {
                    end();
                }
            }
        }

        private void end() {
            long nanos = System.nanoTime() - start;
            shortestNanos = Math.min(shortestNanos, nanos);
            longestNanos = Math.max(longestNanos, nanos);
            ended++;
            try {
                channel.close();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
    }

    /// Runs until all are closed.
    ///
    /// @param args see above
    /// @throws IOException if one cannot connect
    public static void main(String[] args) throws IOException {
        Crowd crowd = new Crowd();
        int count = Integer.parseInt(args[1]);
        Manner manner = Manner.valueOf(args[2]);
        SocketAddress target = Address.connectTo(args[0]).unresolved();
        Transport transport =
                target instanceof UnixDomainSocketAddress ? Transport.UDS : Transport.TCP;
        for (int i = 0; i < count; i++) {
            SocketChannel channel = transport.openStream();
            channel.connect(target);
            crowd.members.add(crowd.new Member(channel, manner.beginning(i), manner.slowly(i)));
        }
        System.out.println("connected");
        crowd.run();
        System.out.printf(
                "ended %d %d%n", crowd.shortestNanos / 1_000_000, crowd.longestNanos / 1_000_000);
    }

    private void run() throws IOException {
        long nextTurn = System.nanoTime() + TEN_MILLIS;
        int turn = 0;
        while (ended < members.size()) {
            long left = nextTurn - System.nanoTime();
            if (left <= 0) {
                for (int i = turn; i < members.size(); i += TURNS) {
                    members.get(i).sayAByte();
                }
                turn = (turn + 1) % TURNS;
                nextTurn += TEN_MILLIS;
            } else {
                selector.select(key -> ((Member) key.attachment()).read(), left / 1_000_000 + 1);
            }
        }
    }
}

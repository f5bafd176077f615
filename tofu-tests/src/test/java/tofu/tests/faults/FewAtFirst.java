package tofu.tests.faults;

import java.io.Closeable;
import java.io.FileInputStream;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.OpCode;
import tofu.api.Status;
import tofu.fixtures.TestAddresses;
import tofu.tests.rigs.ChildProcess;
import tofu.tests.rigs.Peer;

/// A program that has hardly any descriptors left when it uses a socket for the first time;
/// [DescriptorScenario] starts it with few of them.
///
/// Prints "ok", or fails.
final class FewAtFirst {
    /// What is done first.
    enum Use {
        CONNECT_TCP("tcp|127.0.0.1|1", Status.CONNECT_FAILED),
        CONNECT_UDS("uds|/nonexistent/tofu.sock", Status.UDS_PATH_NOT_FOUND),
        CONNECT_NAME("tcp|localhost|1", Status.CONNECT_FAILED),
        LISTEN_TCP("tcp|127.0.0.1|0", Status.SUCCESS),
        LISTEN_UDS("", Status.SUCCESS),

        /// An engine is opened.
        OPEN("", Status.SUCCESS);

        final String address;

        /// What becomes of it when there are descriptors.
        final Status outcome;

        Use(String address, Status outcome) {
            this.address = address;
            this.outcome = outcome;
        }
    }

    private FewAtFirst() {}

    /// Tries without descriptors, and then twice with them.
    ///
    /// @param arguments the use; how many descriptors are left
    /// @throws Exception if anything fails that should not
    public static void main(String[] arguments) throws Exception {
        Use use = Use.valueOf(arguments[0]);
        int left = Integer.parseInt(arguments[1]);
        String address =
                use == Use.LISTEN_UDS ? "uds|" + TestAddresses.temporaryUdsPath() : use.address;
        if (use == Use.OPEN) {
            open(left);
        } else {
            ChildProcess.loadAllClasses();
            try (Ampe engine = Ampe.open();
                    Ampe untouched = Ampe.open()) {
                Deque<Closeable> hoard = hoard(left);
                Status without = statusOf(engine, use, address);
                release(hoard);
                check(without != Status.PROCESSING_FAILED, "without descriptors: " + without);
                check(statusOf(untouched, use, address) == use.outcome, "in another engine");
                check(statusOf(engine, use, address) == use.outcome, "in the same engine");
            }
        }
        System.out.println("ok");
    }

    private static void open(int left) throws IOException, InterruptedException {
        Deque<Closeable> hoard = hoard(left);
        try {
            Ampe.open().close();
            throw new AssertionError("opened with " + left + " descriptors");
        } catch (AmpeException e) {
            check(e.status() == Status.COMMUNICATION_FAILED, "" + e);
        }
        release(hoard);
        try (Ampe engine = Ampe.open()) {
            for (Use use : new Use[] {Use.CONNECT_TCP, Use.CONNECT_UDS, Use.LISTEN_TCP}) {
                check(statusOf(engine, use, use.address) == use.outcome, "" + use);
            }
        }
    }

    /// Each time in a group of its own, which ends what it has opened.
    private static Status statusOf(Ampe engine, Use use, String address)
            throws InterruptedException {
        Peer peer = new Peer(engine);
        try {
            boolean listens = use == Use.LISTEN_TCP || use == Use.LISTEN_UDS;
            peer.say(
                    listens ? OpCode.WELCOME_REQUEST : OpCode.HELLO_REQUEST,
                    0,
                    message -> {
                        if (listens) {
                            message.listenOn(Address.listenOn(address));
                        } else {
                            message.connectTo(Address.connectTo(address));
                        }
                    });
            return peer.next().status();
        } finally {
            peer.group().close();
        }
    }

    private static Deque<Closeable> hoard(int left) throws IOException {
        Deque<Closeable> hoard = new ArrayDeque<>();
        try {
            while (true) {
                hoard.add(new FileInputStream("/dev/null"));
            }
        } catch (IOException full) {
            for (int i = 0; i < left; i++) {
                hoard.removeLast().close();
            }
        }
        return hoard;
    }

    private static void release(Deque<Closeable> hoard) throws IOException {
        for (Closeable one : hoard) {
            one.close();
        }
    }

    private static void check(boolean holds, String message) {
        if (!holds) {
            throw new AssertionError(message);
        }
    }
}

package tofu.tests.faults;

import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tofu.api.AllocationStrategy;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.BinaryHeader;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.Origin;
import tofu.api.Status;
import tofu.tests.rigs.ChildProcess;
import tofu.tests.rigs.Door;
import tofu.tests.rigs.Link;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.Received;
import tofu.tests.rigs.Running;
import tofu.tests.rigs.Transport;

/// A program in a JVM that has too little of something; [FailingJvmFault] starts it. Somewhat long:
/// all wants in one program.
///
/// Whatever fails, each call goes on or says a status, or throws what the JVM throws; nothing is
/// silent, and what is closed ends. Prints "ok"; or fails, or prints all stacks when it hangs.
final class FailingJvm {
    private static final Duration HANGS = Duration.ofSeconds(80);
    private static final int LARGE = 60_000;
    private static final String FOREIGN = "İi ß ١٢٣ €";
    private static final int ROUNDS = 200;

    /// With a full heap everything is slow: each call collects it in vain.
    private static final int FILLS = 3;

    private static final int ASKED = 20;

    /// What a process may still get when its address space ends.
    private static final long ADDRESS_BYTES = 64 << 20;

    /// Memory that remains for the JVM itself: pieces that are too small for slabs and stacks.
    private static final int CRUMB_BYTES = 96 << 10;

    private static final int CRUMBS = 64;

    /// More than fit into the addresses: each has threads.
    private static final int ENGINES = 1_000;

    private static final int DIALS = 50;
    private static final Duration A_MOMENT = Duration.ofMillis(300);
    private static final long STACK_BYTES = 256 << 10;

    /// What there is too little of.
    enum Want {
        /// Memory outside the heap.
        DIRECT_MEMORY("set -- -XX:MaxDirectMemorySize=8m \"$@\""),

        /// Addresses: for slabs, buffers and the stacks of threads. The JVM itself ends without
        /// any, so that this one needs few: it compiles nothing.
        ADDRESSES("export MALLOC_ARENA_MAX=1 && set -- -Xint \"$@\""),

        /// Heap.
        HEAP("set -- -Xmx24m \"$@\""),

        /// Room on the application's stacks.
        STACK("true"),

        /// Threads, of a user who has no other process.
        THREADS(
                "exec prlimit --nproc=48 setpriv --reuid 61234 --regid 61234 --clear-groups"
                        + " \"$0\" \"$@\""),

        /// Characters: what is no ASCII does not exist.
        POSIX("export LC_ALL=C && set -- -Dfile.encoding=COMPAT \"$@\""),

        /// Digits and letters as we know them.
        LETTERS("set -- -Duser.language=ar -Duser.country=EG \"$@\""),

        /// The letters' usual counterparts.
        CASES("set -- -Duser.language=tr -Duser.country=TR \"$@\"");

        /// What a shell does before it becomes the program.
        final String shell;

        Want(String shell) {
            this.shell = shell;
        }
    }

    private final Ampe servers = Ampe.open();
    private final Ampe clients = Ampe.open();
    private final Peer server = new Peer(servers);
    private final Peer client = new Peer(clients);
    private final Door door;
    private final Link link;
    private long nextId = 1_000;

    private FailingJvm() {
        door = server.listen(Transport.TCP);
        link = Link.open(client, server, door.address());
        Running.run(() -> serve(server));
    }

    /// Runs one kind of want.
    ///
    /// @param arguments its name
    /// @throws Exception if anything fails that should not
    public static void main(String[] arguments) throws Exception {
        ChildProcess.loadAllClasses();
        Logger.getLogger("tofu").warning("what logs is initialized");
        startWatchdog();
        Want want = Want.valueOf(arguments[0]);
        switch (want) {
            case POSIX, LETTERS, CASES -> talkInAllWays();
            case DIRECT_MEMORY -> live(FailingJvm::exhaustDirectMemory);
            case ADDRESSES -> live(FailingJvm::exhaustAddresses);
            case HEAP -> live(FailingJvm::exhaustHeap);
            case STACK -> live(FailingJvm::exhaustStacks);
            case THREADS -> live(FailingJvm::exhaustThreads);
        }
        System.out.println("ok");
    }

    private static void startWatchdog() {
        long start = System.nanoTime();
        Running.run(
                () -> {
                    while (System.nanoTime() - start < HANGS.toNanos()) {
                        LockSupport.parkNanos(HANGS.toNanos());
                    }
                    tellWhereAllAre();
                    Runtime.getRuntime().halt(1);
                });
    }

    private static void tellWhereAllAre() {
        System.out.println("hangs");
        Thread.getAllStackTraces()
                .forEach(
                        (thread, stack) -> {
                            System.out.println(thread);
                            Stream.of(stack).forEach(at -> System.out.println("  " + at));
                        });
    }

    /// What takes all that there is of something, and gives it back.
    @FunctionalInterface
    private interface Greed {
        void exhaust(FailingJvm jvm) throws Exception;
    }

    private static void live(Greed greed) throws Exception {
        FailingJvm jvm = new FailingJvm();
        check(jvm.answers() == null, "it answers at first");
        greed.exhaust(jvm);
        Status failure = jvm.answers();
        check(failure == null || failure == Status.PROCESSING_FAILED, "afterwards: " + failure);
        jvm.clients.close();
        jvm.servers.close();
        try (Ampe fresh = Ampe.open();
                Message message = fresh.get()) {
            check(message != null, "a new engine has messages");
        }
    }

    /// Answers until the engine does not let it, whatever this thread itself may lack.
    private static void serve(Peer server) {
        boolean open = true;
        while (open) {
            try {
                answer(server, server.group().waitReceive(Peer.PATIENCE));
            } catch (OutOfMemoryError e) {
                // goes on
            } catch (AmpeException e) {
                open = e.status() == Status.SEND_QUEUE_FULL;
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    // Without try-with-resources, which fails where the same error comes twice.

    private static void answer(Peer server, @Nullable Message request) {
        if (request == null) {
            return;
        }
        try {
            OpCode opCode = request.opCode();
            if (request.origin() == Origin.APPLICATION && opCode.role() == OpCode.Role.REQUEST) {
                server.group().enqueueToPeer(request.opCode(opCode.echo()));
            }
        } finally {
            request.close();
        }
    }

    // ---- wants

    private void exhaustDirectMemory() {
        try (Ampe greedy = Ampe.open()) {
            Deque<Message> hoard = takeAll(greedy);
            for (int i = 0; i < ROUNDS; i++) {
                check(answers() == null, "others go on");
            }
            hoard.forEach(Message::close);
            takeLarge(greedy).close();
        }
    }

    /// Takes large messages until there is no memory for one more.
    private static Deque<Message> takeAll(Ampe greedy) {
        Deque<Message> hoard = new ArrayDeque<>();
        try {
            while (true) {
                hoard.add(takeLarge(greedy));
            }
        } catch (AmpeException e) {
            check(e.status() == Status.ALLOCATION_FAILED, "without memory: " + e);
        }
        return hoard;
    }

    private static Message takeLarge(Ampe greedy) {
        Message message = greedy.get();
        try {
            message.body().append(new byte[LARGE]);
            return message;
        } catch (AmpeException e) {
            message.close();
            throw e;
        }
    }

    /// Somebody opens engines until there is no stack for one more thread, and takes messages until
    /// there is no slab for one more. A large message that was made before arrives when there is
    /// memory for it: though its engine is told of that by nobody.
    private void exhaustAddresses() throws Exception {
        Peer receiver = new Peer(servers);
        Door other = receiver.listen(Transport.TCP);
        Peer sender = new Peer(clients);
        int channel = Link.open(sender, receiver, other.address()).clientChannel();
        Options options = Options.builder().maxPoolBytes(4 * ADDRESS_BYTES).build();
        try (Ampe greedy = Ampe.open(options);
                Message large = takeLarge(clients).opCode(OpCode.SIGNAL).id(1)) {
            takeLarge(greedy).close();
            check(dial() == Status.SUCCESS, "it connects at first");
            leaveCrumbs();
            limitAddresses();
            Deque<Ampe> engines = openAll();
            Deque<Message> hoard = takeAll(greedy);
            check(hoard.size() * (long) LARGE < ADDRESS_BYTES, "the system refuses, not the cap");
            for (int i = 0; i < ROUNDS; i++) {
                check(answers() == null, "open channels go on");
            }
            for (int i = 0; i < DIALS; i++) {
                dial();
                openInVain();
            }
            hoard.addAll(takeAll(greedy));
            sender.group().enqueueToPeer(large.channel(channel));
            receiver.expectNotice(Status.POOL_EMPTY, 0);
            Received late = receiver.poll(A_MOMENT); // the system may find a piece for it
            hoard.forEach(Message::close);
            engines.forEach(Ampe::close);
            if (late == null) {
                late = receiver.expect(OpCode.SIGNAL, 1);
            }
            check(late.body().length() == LARGE, "as it was sent: " + late);
            for (int i = 0; i < DIALS; i++) {
                check(dial() == Status.SUCCESS, "it connects again");
                takeLarge(greedy).close();
            }
        }
    }

    /// What is freed between pieces that are not stays in as many pieces.
    private static void leaveCrumbs() {
        try (Arena freed = Arena.ofConfined()) {
            for (int i = 0; i < CRUMBS; i++) {
                freed.allocate(CRUMB_BYTES);
                Arena.global().allocate(CRUMB_BYTES);
            }
        }
    }

    private static void limitAddresses() throws Exception {
        String used =
                Files.readAllLines(Path.of("/proc/self/status")).stream()
                        .filter(line -> line.startsWith("VmSize:"))
                        .findFirst()
                        .orElseThrow()
                        .replaceAll("\\D", "");
        long limit = (Long.parseLong(used) << 10) + ADDRESS_BYTES;
        String self = "--pid=" + ProcessHandle.current().pid();
        Process prlimit = new ProcessBuilder("prlimit", self, "--as=" + limit).start();
        check(prlimit.waitFor() == 0, "limited");
    }

    private static Deque<Ampe> openAll() {
        Deque<Ampe> engines = new ArrayDeque<>();
        try {
            while (engines.size() < ENGINES) {
                engines.add(Ampe.open());
            }
            throw new AssertionError("so many threads");
        } catch (AmpeException | OutOfMemoryError full) {
            return engines;
        }
    }

    /// Connects once more; the channel stays.
    ///
    /// @return what becomes of it
    private Status dial() {
        try {
            BinaryHeader hello = client.sayHello(door.address());
            Received answer = client.next();
            check(answer.id() == hello.id(), "" + answer);
            if (answer.status() != Status.SUCCESS) {
                client.expectClosed(hello.channel(), hello.id());
            }
            return answer.status();
        } catch (AmpeException refused) {
            return refused.status();
        }
    }

    /// Somebody fills the heap to the brim, again and again, while messages are exchanged.
    private void exhaustHeap() {
        for (int i = 0; i < FILLS; i++) {
            List<byte[]> hoard = new ArrayList<>(1 << 18);
            for (int size = 1 << 20; size > 64; size /= 8) {
                fill(hoard, size);
            }
            for (int j = 0; j < ASKED; j++) {
                ask();
            }
            hoard.clear();
        }
    }

    private static void fill(List<byte[]> hoard, int size) {
        try {
            while (true) {
                hoard.add(new byte[size]);
            }
        } catch (OutOfMemoryError full) {
            // as it is to be
        }
    }

    /// An application recurs for ever, and calls from where hardly any stack is left.
    private void exhaustStacks() throws InterruptedException {
        try (ChannelGroup group = clients.create()) {
            for (int i = 0; i < ROUNDS; i++) {
                Thread thread = new Thread(null, () -> recur(group), "recursive", STACK_BYTES);
                thread.start();
                thread.join(Peer.PATIENCE.toMillis());
                check(!thread.isAlive(), "a recursive thread ends");
            }
        }
    }

    @SuppressWarnings("InfiniteRecursion") // so that the stack ends
    private void recur(ChannelGroup group) {
        try {
            recur(group);
        } catch (StackOverflowError tooDeep) {
            callAll(group);
        }
    }

    private void callAll(ChannelGroup group) {
        try (Message message = clients.get(AllocationStrategy.POOL_ONLY)) {
            if (message != null) {
                message.opCode(OpCode.SIGNAL).channel(link.clientChannel()).body().append("deep");
                client.group().enqueueToPeer(message);
            }
            group.updateReceiver(null);
            Message update = group.waitReceiveNanos(0);
            if (update != null) {
                update.close();
            }
        } catch (AmpeException e) {
            // told
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private void exhaustThreads() throws Exception {
        CountDownLatch enough = new CountDownLatch(1);
        List<Thread> hoard = new ArrayList<>();
        try {
            while (true) {
                hoard.add(Thread.ofPlatform().daemon().start(() -> await(enough)));
            }
        } catch (OutOfMemoryError full) {
            // as it is to be
        }
        long before = descriptors();
        for (int i = 0; i < ROUNDS; i++) {
            openInVain();
        }
        check(descriptors() <= before, before + " descriptors have become " + descriptors());
        Status failure = answers();
        enough.countDown();
        for (Thread thread : hoard) {
            thread.join();
        }
        check(failure == null, "open channels went on: " + failure);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void openInVain() {
        try {
            Ampe.open().close();
            throw new AssertionError("an engine without threads");
        } catch (AmpeException | OutOfMemoryError refused) {
            // told
        }
    }

    private static long descriptors() throws Exception {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }

    // ---- asking

    /// Asks the peer, and waits for its answer.
    ///
    /// @return `null` if it has answered; else what an engine says, if one has failed
    private @Nullable Status answers() {
        try {
            long id = nextId++;
            client.say(OpCode.REQUEST, link.clientChannel(), id);
            Received answer = client.next();
            while (answer.opCode() != OpCode.RESPONSE || answer.id() != id) {
                if (answer.status() == Status.CHANNEL_CLOSED) {
                    return serversStatus();
                }
                answer = client.next();
            }
            client.forget();
            return null;
        } catch (AmpeException e) {
            return e.status() == Status.PROCESSING_FAILED ? e.status() : serversStatus();
        }
    }

    /// What the other engine says: that it has failed, or else the channel had no right to end.
    private Status serversStatus() {
        try {
            server.group().updateReceiver(null);
            return Status.CHANNEL_CLOSED;
        } catch (AmpeException e) {
            return e.status();
        }
    }

    /// Asks, come what may.
    private void ask() {
        try {
            ask(clients.get(AllocationStrategy.POOL_ONLY));
            Message answer = client.group().waitReceiveNanos(0);
            if (answer != null) {
                answer.close();
            }
        } catch (OutOfMemoryError | AmpeException e) {
            // told
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private void ask(@Nullable Message request) {
        if (request == null) {
            return;
        }
        try {
            request.opCode(OpCode.REQUEST).channel(link.clientChannel()).id(1);
            client.group().enqueueToPeer(request);
        } finally {
            request.close();
        }
    }

    // ---- text

    /// What is written and read as text is the same, whatever the system thinks that text is.
    private static void talkInAllWays() {
        for (Transport transport : Transport.values()) {
            try (Ampe servers = Ampe.open();
                    Ampe clients = Ampe.open()) {
                Peer server = new Peer(servers);
                Peer client = new Peer(clients);
                Door door = server.listen(transport);
                Link link = Link.open(client, server, door.address());
                BinaryHeader said =
                        client.say(
                                OpCode.SIGNAL,
                                link.clientChannel(),
                                m -> m.headers().append("Iı", FOREIGN));
                Received heard = server.expect(OpCode.SIGNAL, said.id());
                check(FOREIGN.equals(heard.headers().get("Iı")), "" + heard);
                long taken = server.sayWelcome(door.address()).id();
                server.expectReturned(OpCode.WELCOME_RESPONSE, taken, Status.ADDRESS_IN_USE);
                client.sayHello(transport.refusingAddress());
                check(client.next().status() == Status.CONNECT_FAILED, "refused");
            }
        }
    }

    private static void check(boolean holds, String message) {
        if (!holds) {
            throw new AssertionError(message);
        }
    }
}

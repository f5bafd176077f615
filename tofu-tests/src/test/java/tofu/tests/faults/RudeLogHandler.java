package tofu.tests.faults;

import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.Options;
import tofu.api.Status;
import tofu.engine.EngineProvider;
import tofu.engine.Environment;
import tofu.engine.SystemEnvironment;
import tofu.engine.link.Resolver;
import tofu.engine.net.Net;
import tofu.tests.rigs.Running;

/// A program whose engine fails, and whose log handler does what it should not. It prints "ok" when
/// nobody is kept waiting.
final class RudeLogHandler {
    /// What the handler does.
    enum Rudeness {
        CLOSES,

        /// It uses the engine and the group that it is told of.
        CALLS,
        BLOCKS,
        EXITS
    }

    /// Held, as the log manager would forget it.
    private static final Logger LOGGER = Logger.getLogger("tofu.engine");

    private RudeLogHandler() {}

    /// The real world, whose nets fail when they are told to.
    private record Failing(Environment world, AtomicBoolean broken) implements Environment {
        @Override
        public Net openNet() throws IOException {
            Net net = world.openNet();
            InvocationHandler handler =
                    (proxy, method, arguments) -> {
                        if (method.getName().equals("poll") && broken.get()) {
                            throw new IllegalStateException("planted on the loop");
                        }
                        return method.invoke(net, arguments);
                    };
            Class<?>[] types = {Net.class};
            return (Net) Proxy.newProxyInstance(Net.class.getClassLoader(), types, handler);
        }

        @Override
        public long nanoTime() {
            return world.nanoTime();
        }

        @Override
        public Resolver resolver() {
            return world.resolver();
        }

        @Override
        public long seed() {
            return world.seed();
        }

        @Override
        public int readBytes() {
            return world.readBytes();
        }

        @Override
        public ByteBuffer newScratch() {
            return world.newScratch();
        }

        @Override
        public void await(CountDownLatch latch) {
            world.await(latch);
        }
    }

    /// Does what a handler should not.
    private static final class Rude extends Handler {
        private final Rudeness rudeness;
        private final Ampe ampe;
        private final ChannelGroup group;
        private final CountDownLatch called = new CountDownLatch(1);

        Rude(Rudeness rudeness, Ampe ampe, ChannelGroup group) {
            this.rudeness = rudeness;
            this.ampe = ampe;
            this.group = group;
        }

        @Override
        public void publish(LogRecord entry) {
            switch (rudeness) {
                case CLOSES -> ampe.close();
                case CALLS -> callAll();
                case BLOCKS -> {
                    called.countDown();
                    LockSupport.park(this); // for ever
                }
                case EXITS -> System.exit(0);
            }
            called.countDown();
        }

        private void callAll() {
            expectFailed(ampe::create);
            expectFailed(() -> group.updateReceiver(null));
            expectFailed(() -> group.waitReceive());
            expectFailed(
                    () -> {
                        try (Message message = ampe.get()) {
                            String anywhere = "tcp|127.0.0.1|0";
                            group.enqueueToPeer(message.listenOn(Address.listenOn(anywhere)));
                        }
                    });
        }

        private static void expectFailed(Running.Action call) {
            try {
                call.run();
                System.out.println("nothing was said");
            } catch (AmpeException told) {
                if (told.status() != Status.PROCESSING_FAILED) {
                    System.out.println(told.status());
                }
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    /// Runs the program.
    ///
    /// @param arguments what the handler does
    public static void main(String[] arguments) throws Exception {
        AtomicBoolean broken = new AtomicBoolean();
        Options options = Options.builder().loops(1).build();
        Ampe ampe = EngineProvider.open(options, new Failing(new SystemEnvironment(), broken));
        ChannelGroup group = ampe.create();
        Rude handler = new Rude(Rudeness.valueOf(arguments[0]), ampe, group);
        LOGGER.setUseParentHandlers(false);
        LOGGER.addHandler(handler);
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(
                                () -> {
                                    ampe.close();
                                    System.out.println("ok");
                                }));
        broken.set(true);
        try {
            group.updateReceiver(null);
            while (true) { // as the leader or not: until the loop's next look fails
                group.waitReceive().close();
            }
        } catch (AmpeException told) {
            if (told.status() != Status.PROCESSING_FAILED) {
                System.out.println(told.status());
            }
        }
        handler.called.await();
        ampe.close();
        System.exit(0);
    }
}

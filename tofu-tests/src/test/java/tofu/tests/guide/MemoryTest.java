package tofu.tests.guide;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import tofu.api.Ampe;
import tofu.api.AmpeException;
import tofu.api.ChannelGroup;
import tofu.api.LeakDetection;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;

/// Snippets of docs/guide/memory.md.
class MemoryTest {
    @Test
    void aMoveEmptiesTheLease() throws Exception {
        try (Visit visit = Visit.begin()) {
            Ampe ampe = visit.ampe;
            ChannelGroup group = visit.group;
            int channel = visit.channel;
            boolean emptied;
            // @start region="move"
            try (Message message = ampe.get()) { // ours
                message.opCode(OpCode.SIGNAL).channel(channel).body().append("hi");
                group.enqueueToPeer(message); // returned normally: the engine's
                emptied = message.isEmptied(); // true; any other accessor would throw
            } // closing an emptied lease does nothing
            // @end
            assertThat(emptied).isTrue();
        }
    }

    @Test
    void whatWasRefusedIsStillOurs() throws Exception {
        try (Visit visit = Visit.begin()) {
            Ampe ampe = visit.ampe;
            ChannelGroup group = visit.group;
            int channel = visit.channel;
            String kept = "";
            // @start region="threw"
            try (Message message = ampe.get()) {
                message.opCode(OpCode.REQUEST).channel(0).body().append("to whom?");
                try {
                    group.enqueueToPeer(message);
                } catch (AmpeException e) { // threw: still ours, as it was
                    kept = message.body().text();
                    group.enqueueToPeer(message.channel(channel));
                }
            }
            // @end
            assertThat(kept).isEqualTo("to whom?");
            visit.expect("to whom?");
        }
    }

    // @start region="hand-over"
    /// Hands each message to another thread, which closes it.
    static void dispatch(ChannelGroup group, BlockingQueue<Message> work)
            throws InterruptedException {
        boolean open = true;
        while (open) {
            Message message = group.waitReceive(); // not in try: it outlives this method
            open = !message.endsChannel();
            work.put(message); // from here on we must not touch it
        }
    }

    // @end

    @Test
    void aMessageMayGoToAnotherThread() throws Exception {
        try (Visit visit = Visit.begin();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            BlockingQueue<Message> work = new ArrayBlockingQueue<>(8);
            Future<String> worker =
                    threads.submit(
                            () -> {
                                try (Message first = work.take();
                                        Message second = work.take()) {
                                    return first.opCode() + ", " + second.opCode();
                                }
                            });
            try (Message bye = visit.ampe.get()) {
                visit.group.enqueueToPeer(bye.opCode(OpCode.BYE_REQUEST).channel(visit.channel));
            }
            dispatch(visit.group, work);
            assertThat(worker.get()).isEqualTo("BYE_RESPONSE, SIGNAL");
        }
    }

    @Test
    void leaksAreWatchedInTests() {
        // @start region="paranoid"
        Options strict = Options.builder().leakDetection(LeakDetection.PARANOID).build();
        try (Ampe ampe = Ampe.open(strict)) {
            ampe.get().close(); // forget this close, and you are told where
        }
        // @end
    }
}

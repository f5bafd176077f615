package tofu.engine.link;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.function.BiConsumer;
import tofu.engine.loop.Command;
import tofu.engine.loop.Reactor;

/// What lives on one loop, by group, and who waits for the end of a group's channels here.
///
/// In the order in which they came: a simulation that is repeated ends them in the same one.
///
/// Thread: the loop, except [#end(Mailbox, CountDownLatch)].
final class Residents {
    /// If others wait for memory, a frame may take this part of its time.
    private static final int LATE_PART = 16;

    private final Reactor loop;
    private final Deliveries deliveries;
    private final Map<Mailbox, Set<Endpoint>> endpoints = new LinkedHashMap<>();

    /// Groups that are closing, and who waits for the end of their channels on this loop.
    private final Map<Mailbox, CountDownLatch> closing = new LinkedHashMap<>();

    /// Kept, so that failing allocates nothing.
    @SuppressWarnings("UnnecessaryLambda")
    private final BiConsumer<Mailbox, CountDownLatch> letGo = (group, done) -> done.countDown();

    Residents(Reactor loop, Deliveries deliveries) {
        this.loop = loop;
        this.deliveries = deliveries;
    }

    /// Ends all channels of a group on one loop.
    private record Close(Residents residents, Mailbox group, CountDownLatch done)
            implements Command {
        @Override
        public void run(long nowNanos) {
            residents.close(group, done, nowNanos);
        }

        @Override
        public void drop() {
            done.countDown();
        }
    }

    /// Counts an endpoint among those that live here.
    void add(Endpoint endpoint) {
        endpoints.computeIfAbsent(endpoint.mailbox(), group -> new LinkedHashSet<>()).add(endpoint);
        findSole();
    }

    /// An endpoint has ended and closed its socket.
    void remove(Endpoint endpoint) {
        Set<Endpoint> ofGroup = endpoints.get(endpoint.mailbox());
        if (ofGroup != null) {
            ofGroup.remove(endpoint);
        }
        endIfLast(endpoint.mailbox());
    }

    /// Any thread: asks for the end of all channels of a group.
    ///
    /// @param done counted down when there is none left; more than once if the loop fails meanwhile
    void end(Mailbox group, CountDownLatch done) {
        loop.execute(new Close(this, group, done));
    }

    private void close(Mailbox group, CountDownLatch done, long nowNanos) {
        // A channel that was opened just before is scheduled, and not yet among the endpoints.
        loop.runReady();
        closing.put(group, done);
        for (Endpoint endpoint : new ArrayList<>(endpoints.getOrDefault(group, Set.of()))) {
            endpoint.onGroupClosed(nowNanos);
        }
        endIfLast(group);
    }

    private void endIfLast(Mailbox group) {
        Set<Endpoint> left = endpoints.get(group);
        if (left != null && !left.isEmpty()) {
            return;
        }
        endpoints.remove(group);
        findSole();
        CountDownLatch done = closing.get(group);
        if (done != null) {
            // What the group is still given is in its inbox before whoever waits empties that.
            deliveries.publish();
            done.countDown();
            closing.remove(group); // last: what fails before is made good by abandon
        }
    }

    /// Ends channels whose peers take long to end a frame, as others wait for memory.
    ///
    /// @param frameNanos how long one may take if nobody waits
    void endLateFrames(long frameNanos, long nowNanos) {
        List<Endpoint> late = new ArrayList<>();
        for (Set<Endpoint> ofGroup : endpoints.values()) {
            for (Endpoint endpoint : ofGroup) {
                if (endpoint.frameAgeNanos(nowNanos) >= frameNanos / LATE_PART) {
                    late.add(endpoint);
                }
            }
        }
        late.forEach(endpoint -> endpoint.onFrameEvicted(nowNanos));
    }

    private void findSole() {
        loop.soleWaiter(endpoints.size() == 1 ? endpoints.keySet().iterator().next() : null);
    }

    /// Lets everybody go who waits, then closes all sockets and gives the memory of all channels
    /// back; see [Workbench#abandon()].
    ///
    /// @return false if something is left: to be called again
    boolean abandon() {
        closing.forEach(letGo);
        closing.clear();
        boolean done = true;
        for (Set<Endpoint> ofGroup : endpoints.values()) {
            for (Iterator<Endpoint> left = ofGroup.iterator(); left.hasNext(); ) {
                try {
                    left.next().abandon();
                    left.remove();
                } catch (RuntimeException | Error again) {
                    done = false;
                }
            }
        }
        return done;
    }
}

package tofu.recipes.patterns;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import tofu.api.AmpeException;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Origin;
import tofu.api.Status;

/// Brings responses to those who asked: any number of threads [ask][#ask], and the one thread that
/// receives from the group lets each message be [taken][#take] here first. A response has the id of
/// its request; nothing else is needed to bring them together.
///
/// Threads: any may ask; the group's receiver takes.
/// Errors: a request that could not be sent, or whose channel has ended, is an [AmpeException]; one
/// without an answer in time is a [TimeoutException].
public final class Correlator {
    private record Asked(int channel, CompletableFuture<Message> response) {}

    private final ChannelGroup group;
    private final AtomicLong lastId = new AtomicLong();
    private final Map<Long, Asked> underWay = new ConcurrentHashMap<>();

    /// Makes a correlator for the requests of a group; it chooses their ids.
    public Correlator(ChannelGroup group) {
        this.group = group;
    }

    /// Sends a request, and waits for its response.
    ///
    /// @param request to be sent; moved if it was
    /// @param timeout for the response
    /// @return the response, owned by the caller
    public Message ask(Message request, Duration timeout)
            throws InterruptedException, TimeoutException {
        long id = lastId.incrementAndGet();
        CompletableFuture<Message> response = new CompletableFuture<>();
        // First this, then sending: the response may be faster than the return of the call.
        underWay.put(id, new Asked(request.channel(), response));
        try {
            group.enqueueToPeer(request.opCode(OpCode.REQUEST).id(id), timeout);
            return response.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            Status status =
                    e.getCause() instanceof AmpeException a ? a.status() : Status.UNKNOWN_ERROR;
            throw new AmpeException(status, "request " + id + " has no response", e);
        } catch (TimeoutException | InterruptedException e) {
            if (!response.cancel(false) && !response.isCompletedExceptionally()) {
                response.join().close(); // it came just now, and nobody wants it any more
            }
            throw e;
        } finally {
            underWay.remove(id);
        }
    }

    /// Looks at a received message.
    ///
    /// @return true if it was about a request, and is not the caller's any more
    public boolean take(Message message) {
        if (message.endsChannel()) {
            failAll(message.channel(), message.status());
            return false; // others want to know, too
        }
        boolean answered =
                message.opCode() == OpCode.RESPONSE && message.origin() == Origin.APPLICATION;
        boolean returned = message.opCode() == OpCode.REQUEST && message.origin() == Origin.ENGINE;
        if (!answered && !returned) {
            return false;
        }
        Asked asked = underWay.remove(message.id());
        if (asked == null || returned || !asked.response().complete(message)) {
            Status status = message.status();
            message.close(); // too late, or our own request
            if (asked != null) {
                asked.response().completeExceptionally(new AmpeException(status, "not sent"));
            }
        }
        return true;
    }

    private void failAll(int channel, Status status) {
        for (Asked asked : underWay.values()) {
            if (asked.channel() == channel) {
                asked.response().completeExceptionally(new AmpeException(status, "no answer"));
            }
        }
    }
}

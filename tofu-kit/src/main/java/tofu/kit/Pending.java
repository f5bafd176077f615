package tofu.kit;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import tofu.api.Message;
import tofu.api.Status;

/// A request that has no answer yet.
///
/// Its future ends exactly once, whoever is first: the answer, a failure, or the asker who cancels.
///
/// @param <T> what the answer becomes
final class Pending<T> {
    private final CompletableFuture<T> future = new CompletableFuture<>();
    private final Answer<T> answer;
    private final long id;

    /// Set before the request can end in any other way than by its asker.
    private volatile @Nullable Timer timer;

    /// Where it was sent; 0 before that. Guarded by the requester's lock.
    private int channel;

    Pending(Answer<T> answer, long id) {
        this.answer = answer;
        this.id = id;
    }

    CompletableFuture<T> future() {
        return future;
    }

    long id() {
        return id;
    }

    int channel() {
        return channel;
    }

    void channel(int number) {
        channel = number;
    }

    void timer(Timer deadline) {
        timer = deadline;
        if (future.isDone()) {
            deadline.cancel();
        }
    }

    /// Lets go of everything, once the future has ended.
    void release() {
        Timer deadline = timer;
        if (deadline != null) {
            deadline.cancel();
        }
        answer.drop();
    }

    void fail(RequestException.Reason reason, Status status, String detail) {
        future.completeExceptionally(new RequestException(reason, status, detail));
    }

    /// Takes a part of the answer.
    ///
    /// @param part not the caller's any more
    void take(Message part) {
        try {
            if (part.more()) {
                answer.part(part);
                return;
            }
            T whole = answer.last(part);
            if (!future.complete(whole)) {
                answer.drop(whole);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            future.completeExceptionally(e);
        } catch (Throwable e) { // an error is the request's affair as well
            future.completeExceptionally(e);
        }
    }
}

package tofu.kit;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
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

    /// Takes it off those that are under way.
    private final Consumer<Pending<?>> forget;

    /// Set before the request can end in any other way than by its asker.
    private volatile @Nullable Timer timer;

    /// Takes it off those that are held.
    private volatile Runnable letGo = () -> {};

    /// Where it was sent; 0 before that. Guarded by the requester's lock.
    private int channel;

    Pending(Answer<T> answer, long id, Consumer<Pending<?>> forget) {
        this.answer = answer;
        this.id = id;
        this.forget = forget;
        var _ =
                future.whenComplete(
                        (_, _) -> {
                            answer.drop();
                            over(); // its asker may have ended it
                        });
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

    /// Says how to take it off those that are held; not called if it has ended already.
    void held(Runnable out) {
        letGo = out;
    }

    /// Whether the parts of the answer are its own; else they stay with whoever brings them.
    boolean ownsParts() {
        return answer.ownsParts();
    }

    void fail(RequestException.Reason reason, Status status, String detail) {
        end(new RequestException(reason, status, detail));
    }

    private void end(Throwable failure) {
        try {
            over();
        } finally {
            future.completeExceptionally(failure);
        }
    }

    /// Counts for nothing any more. First this, then the future: who is told may ask again at once.
    private void over() {
        Timer deadline = timer;
        if (deadline != null) {
            deadline.cancel();
        }
        forget.accept(this);
        letGo.run();
    }

    /// Takes a part of the answer.
    ///
    /// @param part not the caller's any more, if the answer [owns][#ownsParts()] its parts
    void take(Message part) {
        try {
            if (part.more()) {
                answer.part(part);
                return;
            }
            T whole = answer.last(part);
            try {
                over();
            } finally {
                if (!future.complete(whole)) {
                    answer.drop(whole);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            end(e);
        } catch (Throwable e) { // an error is the request's affair as well
            end(e);
        }
    }
}

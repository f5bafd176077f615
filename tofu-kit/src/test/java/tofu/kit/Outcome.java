package tofu.kit;

import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;

/// What became of a request, in a word that a model can have, too.
final class Outcome {
    static final String CANCELLED = "cancelled";

    private Outcome() {}

    /// What became of a future.
    ///
    /// @param text what an answer is called
    /// @return nothing while it is open; the reason of a [RequestException]
    static <T> String of(CompletableFuture<T> future, Function<T, String> text) {
        if (!future.isDone()) {
            return "";
        }
        try {
            return text.apply(future.join());
        } catch (CancellationException e) {
            return CANCELLED;
        } catch (CompletionException e) {
            return reason(e).toString();
        }
    }

    /// Why there is no answer, as a future says it.
    static RequestException.Reason reason(Exception e) {
        return ((RequestException) Objects.requireNonNull(e.getCause())).reason();
    }
}

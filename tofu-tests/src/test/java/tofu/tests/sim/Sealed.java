package tofu.tests.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/// Frames that an engine has encrypted, and is about to hand over to the network: they count as
/// sent unless the network throws.
///
/// Thread: one.
final class Sealed {
    private final LongConsumer onSent;
    private final List<Long> ids = new ArrayList<>();
    private int sent;

    /// Tells the ids of frames that are sent.
    Sealed(LongConsumer onSent) {
        this.onSent = onSent;
    }

    void add(long id) {
        ids.add(id);
    }

    void drop() {
        ids.clear();
    }

    void handOver() {
        List<Long> taken = List.copyOf(ids);
        ids.clear();
        sent += taken.size();
        taken.forEach(onSent::accept);
    }

    /// How many were sent.
    int sent() {
        return sent;
    }
}

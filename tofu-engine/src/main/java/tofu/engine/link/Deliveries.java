package tofu.engine.link;

import java.util.ArrayList;
import java.util.List;

/// The outboxes of a loop that have something for their groups.
///
/// Thread: the loop.
final class Deliveries {
    private final List<Outbox> touched = new ArrayList<>();

    /// An outbox was empty, and is about to get something.
    void touched(Outbox outbox) {
        touched.add(outbox);
    }

    void publish() {
        for (int i = 0; i < touched.size(); i++) {
            touched.get(i).publish();
        }
        touched.clear();
    }
}

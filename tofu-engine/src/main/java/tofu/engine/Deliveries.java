package tofu.engine;

import java.util.ArrayList;
import java.util.List;
import tofu.pool.Slot;

/// What a loop has collected for the inboxes, so that each group gets one batch and one wake-up.
///
/// Thread: the loop.
final class Deliveries {
    private final int loop;
    private final List<EngineGroup> touched = new ArrayList<>();

    Deliveries(int loop) {
        this.loop = loop;
    }

    void add(EngineGroup group, Slot slot) {
        if (group.collect(loop, slot)) {
            touched.add(group);
        }
    }

    void publish() {
        for (int i = 0; i < touched.size(); i++) {
            touched.get(i).publish(loop);
        }
        touched.clear();
    }
}

package tofu.tests.sim;

import java.util.ArrayList;
import java.util.List;
import tofu.engine.link.Workers;

/// What an engine computes beside its loops: some time later, in any order, and now and then it
/// is refused.
///
/// Thread: one.
final class SimWorkers implements Workers {
    private final Choices choices;
    private final List<Runnable> waiting = new ArrayList<>();
    private boolean closed;

    SimWorkers(Choices choices) {
        this.choices = choices;
    }

    @Override
    public boolean run(Runnable work) {
        if (closed || choices.oneIn(64)) {
            return false;
        }
        waiting.add(work);
        return true;
    }

    /// Does a piece of work.
    ///
    /// @return false if there is none
    boolean work() {
        if (waiting.isEmpty()) {
            return false;
        }
        waiting.remove(choices.below(waiting.size())).run();
        return true;
    }

    boolean isClosed() {
        return closed;
    }

    @Override
    public void close() {
        closed = true;
        waiting.clear();
    }
}

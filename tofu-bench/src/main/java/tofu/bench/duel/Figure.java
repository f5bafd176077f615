package tofu.bench.duel;

/// What is compared: a figure that an [Outcome] has.
enum Figure {
    RATE("messages/s", true) {
        @Override
        double of(Outcome outcome) {
            return outcome.messagesPerSecond();
        }
    },
    P50("p50 us", false) {
        @Override
        double of(Outcome outcome) {
            return outcome.value("p50") / 1e3;
        }
    },
    P99("p99 us", false) {
        @Override
        double of(Outcome outcome) {
            return outcome.value("p99") / 1e3;
        }
    },
    P999("p99.9 us", false) {
        @Override
        double of(Outcome outcome) {
            return outcome.value("p999") / 1e3;
        }
    };

    private final String text;
    private final boolean moreIsBetter;

    Figure(String text, boolean moreIsBetter) {
        this.text = text;
        this.moreIsBetter = moreIsBetter;
    }

    abstract double of(Outcome outcome);

    /// Without its unit.
    String shortName() {
        return text.replace(" us", "");
    }

    boolean moreIsBetter() {
        return moreIsBetter;
    }

    /// The figure by which a mode is judged.
    static Figure of(Mode mode) {
        return mode == Mode.PING_PONG ? P50 : RATE;
    }

    @Override
    public String toString() {
        return text;
    }
}

package tofu.pool;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ShortageTest {
    private final Shortage shortage = new Shortage();
    private final LeakLog log = LeakLog.capture();

    @AfterEach
    void endCapture() {
        log.close();
    }

    @Test
    void theFirstRefusalIsSaidOnce() {
        OutOfMemoryError first = new OutOfMemoryError("first");
        shortage.say();
        shortage.begin(first);
        shortage.begin(new OutOfMemoryError("second"));
        assertThat(log.entries()).as("not by who finds out").isEmpty();

        shortage.say();
        shortage.say();
        shortage.begin(new OutOfMemoryError("third"));
        shortage.say();

        assertThat(log.entries()).extracting(LeakLog.Entry::thrown).containsExactly(first);
    }

    @Test
    void whatBeginsAnewIsSaidAnew() {
        shortage.begin(new OutOfMemoryError("first"));
        shortage.say();
        shortage.end();
        OutOfMemoryError again = new OutOfMemoryError("again");

        shortage.begin(again);
        shortage.say();

        assertThat(log.entries()).hasSize(2).last().extracting("thrown").isSameAs(again);
    }
}

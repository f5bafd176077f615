package tofu.engine.channel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import tofu.engine.channel.Tally.Figure;

class DeparturesTest {
    private final Departures departures = new Departures();

    private long figure(Figure figure) {
        Tally sum = new Tally();
        departures.addTo(sum);
        departures.raiseMost(sum);
        return sum.get(figure);
    }

    @Test
    void whatIsSentAndWhatComesBackIsCountedByItself() {
        departures.leave(Departures.SENT, 2, 300, 5, 900);
        departures.leave(Departures.RETURNED, 1, 50, 3, 600);
        departures.leave(Departures.SENT, 1, 7, 2, 550);

        assertThat(figure(Figure.SENT_MESSAGES)).isEqualTo(3);
        assertThat(figure(Figure.SENT_BYTES)).isEqualTo(307);
        assertThat(figure(Figure.RETURNED_MESSAGES)).isEqualTo(1);
        assertThat(figure(Figure.RETURNED_BYTES)).isEqualTo(50);
        assertThat(departures.messages()).isEqualTo(4);
        assertThat(departures.bytes()).isEqualTo(357);
    }

    @Test
    void theMostThatThereWasStays() {
        departures.leave(Departures.SENT, 1, 10, 5, 900);
        departures.leave(Departures.SENT, 1, 10, 4, 990);
        departures.leave(Departures.SENT, 1, 10, 3, 10);

        assertThat(figure(Figure.MOST_QUEUED_MESSAGES)).isEqualTo(5);
        assertThat(figure(Figure.MOST_QUEUED_BYTES)).isEqualTo(990);
    }

    @Test
    void itIsAddedToWhatIsInASumAlready() {
        Tally sum = new Tally();
        sum.add(Figure.SENT_MESSAGES, 7);
        sum.raise(Figure.MOST_QUEUED_MESSAGES, 6);
        departures.leave(Departures.SENT, 2, 20, 5, 100);
        departures.addTo(sum);
        departures.raiseMost(sum);

        assertThat(sum.get(Figure.SENT_MESSAGES)).isEqualTo(9);
        assertThat(sum.get(Figure.MOST_QUEUED_MESSAGES)).isEqualTo(6);
        assertThat(sum.get(Figure.MOST_QUEUED_BYTES)).isEqualTo(100);
    }
}

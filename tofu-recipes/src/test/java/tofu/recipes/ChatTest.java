package tofu.recipes;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PipedReader;
import java.io.PipedWriter;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.api.Address;
import tofu.recipes.patterns.Chat;

/// Three people at their keyboards.
@Timeout(120)
class ChatTest {
    /// Somebody who chats.
    private static final class Person {
        private final PipedWriter keyboard = new PipedWriter();
        private final RunningRecipe chat;

        Person(String name, String address) throws IOException {
            BufferedReader keys = new BufferedReader(new PipedReader(keyboard));
            Address.Server where = Address.listenOn(address);
            chat =
                    RunningRecipe.start(
                            (out, err, args) -> {
                                out.println(Chat.run(out, keys, where, name));
                                return 0;
                            });
        }

        void type(String line) throws IOException {
            keyboard.write(line + "\n");
            keyboard.flush();
        }

        String sees(String start) throws InterruptedException {
            return chat.awaitLine(start);
        }

        /// Says bye, and waits for the outcome.
        String leaves() throws IOException, InterruptedException {
            type("/bye");
            assertThat(chat.exitCode()).isZero();
            return chat.output().getLast();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "uds"})
    void everybodyHearsEverybody(String transport) throws Exception {
        Person ann = new Person("ann", EchoServerTest.addressOf(transport));
        String address = ann.sees("listening on ");
        Person bo = new Person("bo", address);
        ann.sees("* somebody has come");
        Person cy = new Person("cy", address);
        ann.sees("* somebody has come");

        ann.type("who is there?");
        assertThat(bo.sees("ann: ")).isEqualTo("who is there?");
        assertThat(cy.sees("ann: ")).isEqualTo("who is there?");
        bo.type("me");
        assertThat(ann.sees("bo: ")).isEqualTo("me");
        assertThat(cy.sees("bo: ")).isEqualTo("me");

        assertThat(bo.leaves()).isEqualTo("1 said, 1 heard");
        ann.sees("* somebody has left");
        assertThat(ann.leaves()).isEqualTo("1 said, 1 heard");
        cy.sees("* somebody has left");
        cy.sees("0 said, 2 heard");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "uds"})
    void whoIsAloneMayLeaveToo(String transport) throws Exception {
        Person ann = new Person("ann", EchoServerTest.addressOf(transport));
        ann.type("anyone?");
        assertThat(ann.leaves()).isEqualTo("1 said, 0 heard");
    }
}

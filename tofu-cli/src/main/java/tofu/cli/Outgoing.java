package tofu.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tofu.api.AmpeException;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Status;

/// What `cat` is to send: texts, or files, or the lines of the standard input.
///
/// Errors: a [Failure] names the line that makes no sense.
final class Outgoing {
    /// What a line is.
    enum Format {
        TEXT,
        HEX,
        JSON
    }

    private final Format format;
    private final List<String> data;
    private final List<String> files;

    Outgoing(Format format, List<String> data, List<String> files) {
        this.format = format;
        this.data = data;
        this.files = files;
    }

    /// Reads text headers as they are written in arguments.
    ///
    /// @param texts each `NAME:VALUE`
    static List<Map.Entry<String, String>> headers(List<String> texts) throws Failure {
        List<Map.Entry<String, String>> headers = new ArrayList<>();
        for (String text : texts) {
            int colon = text.indexOf(':');
            if (colon < 1 || colon == text.length() - 1) {
                throw new Failure(ExitCode.USAGE, "--header is NAME:VALUE, is '" + text + "'");
            }
            headers.add(Map.entry(text.substring(0, colon), text.substring(colon + 1)));
        }
        return headers;
    }

    void sendTo(Talk talk) throws IOException, InterruptedException, Failure {
        int number = 0;
        for (String text : data) {
            send(talk, text, "--data " + ++number);
        }
        for (String file : files) {
            try (InputStream in = file.equals("-") ? System.in : open(file)) {
                talk.send(in);
            }
        }
        if (data.isEmpty() && files.isEmpty()) {
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                send(talk, line, "line " + ++number);
            }
        }
    }

    private static InputStream open(String file) throws IOException, Failure {
        try {
            return Files.newInputStream(Path.of(file));
        } catch (NoSuchFileException e) {
            throw new Failure(ExitCode.FILE, "there is no file " + file);
        } catch (InvalidPathException e) {
            throw new Failure(ExitCode.FILE, "no file can have this name: " + e.getMessage());
        }
    }

    private void send(Talk talk, String line, String where) throws InterruptedException, Failure {
        try {
            switch (format) {
                case TEXT -> talk.send(message -> message.body().append(line));
                case HEX -> {
                    byte[] bytes = HexFormat.of().parseHex(line.replace(" ", ""));
                    talk.send(message -> message.body().append(bytes));
                }
                case JSON -> {
                    Map<String, Object> json = Json.parse(line, where);
                    talk.send(message -> fill(message, json));
                }
            }
        } catch (AmpeException e) {
            if (e.status() == Status.SHUTDOWN_STARTED) {
                throw e;
            }
            throw new Failure(ExitCode.FILE, where + " cannot be sent: " + e.getMessage());
        } catch (IllegalArgumentException e) {
            throw new Failure(ExitCode.FILE, where + " cannot be sent: " + e.getMessage());
        }
    }

    /// Fills a message from what [Content#json()] makes; all of its members may be missing.
    private static void fill(Message message, Map<String, Object> json) {
        if (json.get("op") instanceof String op) {
            message.opCode(OpCode.valueOf(op.toUpperCase(Locale.ROOT)));
        }
        if (json.get("id") instanceof Number id) {
            message.id(new BigInteger(id.toString()).longValue());
        }
        message.more(Boolean.TRUE.equals(json.get("more")));
        message.outOfBand(Boolean.TRUE.equals(json.get("outOfBand")));
        if (json.get("headers") instanceof List<?> headers) {
            for (Object header : headers) {
                if (!(header instanceof Map<?, ?> pair)) {
                    throw new IllegalArgumentException("a header is no object");
                }
                message.headers().append(text(pair.get("name")), text(pair.get("value")));
            }
        }
        if (json.get("body") instanceof String body) {
            message.body().append(body);
        } else if (json.get("bodyHex") instanceof String hex) {
            message.body().append(HexFormat.of().parseHex(hex));
        }
    }

    private static String text(@Nullable Object value) {
        if (value instanceof String text) {
            return text;
        }
        throw new IllegalArgumentException("a header has no name and value");
    }
}

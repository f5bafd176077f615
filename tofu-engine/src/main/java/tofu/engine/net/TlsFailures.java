package tofu.engine.net;

import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import tofu.api.Status;

/// Tells the failures of TLS apart.
///
/// The JDK has no types for most of them. What it has is the alert of TLS (RFC 8446, section 6),
/// its own or the peer's, as the first word of the text, or the last one.
///
/// Threads: any.
final class TlsFailures {
    /// As far as text of the JDK, or of a certificate, is told.
    private static final int LONGEST = 400;

    private static final Pattern OURS = Pattern.compile("^\\((\\w+)\\).*", Pattern.DOTALL);
    private static final Pattern THEIRS = Pattern.compile(".*Received fatal alert: (\\w+).*");

    /// An alert of a peer that has no keys yet, when we have: not all make them before they look
    /// whom they are talking to.
    private static final Pattern PLAIN =
            Pattern.compile("Unexpected plaintext alert received: Level: fatal; Alert: (\\w+).*");

    /// How the JDK's check of host names begins to say what is wrong: it has no type for it.
    private static final List<String> WRONG_HOST =
            List.of("No subject alternative", "No name matching", "Illegal given domain name");

    private TlsFailures() {}

    static TlsException of(SSLException failure) {
        return new TlsException(status(failure), said(failure), failure);
    }

    private static Status status(SSLException failure) {
        for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateExpiredException
                    || cause instanceof CertificateNotYetValidException) {
                return Status.TLS_CERTIFICATE_EXPIRED;
            }
            if (cause.getClass() == CertificateException.class && isAboutHost(cause)) {
                return Status.TLS_WRONG_HOST;
            }
            Matcher plain = PLAIN.matcher(String.valueOf(cause.getMessage()));
            if (plain.matches()) {
                return status(plain.group(1), "");
            }
        }
        String text = String.valueOf(failure.getMessage());
        return status(alert(text), text);
    }

    private static boolean isAboutHost(Throwable cause) {
        String text = String.valueOf(cause.getMessage());
        return WRONG_HOST.stream().anyMatch(text::startsWith);
    }

    private static @Nullable String alert(String text) {
        Matcher matcher = THEIRS.matcher(text);
        if (!matcher.matches()) {
            matcher = OURS.matcher(text);
            if (!matcher.matches()) {
                return null;
            }
        }
        return matcher.group(1);
    }

    private static Status status(@Nullable String alert, String text) {
        return switch (alert) {
            case "certificate_expired" -> Status.TLS_CERTIFICATE_EXPIRED;
            case "bad_certificate",
                    "unsupported_certificate",
                    "certificate_revoked",
                    "certificate_unknown",
                    "unknown_ca",
                    "bad_certificate_status_response",
                    "access_denied" ->
                    Status.TLS_CERTIFICATE_UNKNOWN;
            case "certificate_required" -> Status.TLS_CLIENT_CERTIFICATE_MISSING;
            case "protocol_version" -> Status.TLS_NO_COMMON_VERSION;
            case "no_application_protocol" -> Status.TLS_NOT_TOFU;
            case null, default ->
                    // With TLS 1.2 there is no alert of its own for it.
                    text.contains("Empty client certificate chain")
                            ? Status.TLS_CLIENT_CERTIFICATE_MISSING
                            : Status.TLS_FAILED;
        };
    }

    private static String said(Throwable failure) {
        String said = failure.getMessage();
        return said == null || said.isBlank() ? failure.toString() : said;
    }

    /// What has happened, and why, with nothing in it that a text header cannot have: the peer's
    /// certificate may be quoted.
    static String text(Throwable failure) {
        Throwable root = failure;
        for (int depth = 0; root.getCause() != null && depth < 16; depth++) {
            root = root.getCause();
        }
        String text = said(failure);
        String why = root.getMessage();
        if (why != null && !text.contains(why)) {
            text = text + "; " + why;
        }
        text = text.substring(0, Math.min(text.length(), LONGEST));
        return text.replaceAll("[\\p{Cntrl}\\p{Cs}]+", " ").strip();
    }
}

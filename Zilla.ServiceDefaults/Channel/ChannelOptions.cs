using Microsoft.Extensions.Configuration;

namespace Zilla.ServiceDefaults.Channel;

/// <summary>Configuration section <c>Zilla:Channel</c>: how the services of a suite know each other. docs/security.md.</summary>
internal sealed record ChannelOptions
{
    public const string Section = "Zilla:Channel";

    /// <summary>Shorter keys could be guessed.</summary>
    private const int ShortestKey = 16;

    private static readonly char[] Between = [',', '\n', '\r', ' ', '\t'];

    /// <summary>
    /// <c>Key</c>, else what <c>KeyFile</c> holds: one key, or two with a comma or a line's end between them. The first is sent, each is accepted, so that a
    /// key can be replaced while the suite serves. None by default.
    /// </summary>
    public IReadOnlyList<string> Keys { get; init; } = [];

    /// <summary>Lets a service that others than this machine can reach serve its channel without a key. Default false.</summary>
    public bool AllowWithoutKey { get; init; }

    /// <summary>PEM file with the authorities that issue the services' certificates; null = the channel is not TLS, or is what Kestrel's own settings make it.</summary>
    public string? AuthorityFile { get; init; }

    /// <summary>PEM file with this service's certificate, and any between it and the authority.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>PEM file with its private key.</summary>
    public string? CertificateKeyFile { get; init; }

    /// <exception cref="FormatException">A setting cannot be used; the message names it and never says a key.</exception>
    public static ChannelOptions Read(IConfiguration configuration)
    {
        var section = configuration.GetSection(Section);
        var options = new ChannelOptions
        {
            Keys = Value(section, "Key") is { } key ? Parse($"{Section}:Key", key)
                : Value(section, "KeyFile") is { } file ? Parse($"{Section}:KeyFile", Content(file))
                : [],
            AllowWithoutKey = Value(section, "AllowWithoutKey") is { } text && (bool.TryParse(text, out var allow) ? allow : throw new FormatException($"{Section}:AllowWithoutKey is true or false, not '{text}'.")),
            AuthorityFile = Value(section, "AuthorityFile"),
            CertificateFile = Value(section, "CertificateFile"),
            CertificateKeyFile = Value(section, "CertificateKeyFile"),
        };
        string?[] tls = [options.AuthorityFile, options.CertificateFile, options.CertificateKeyFile];
        return tls.Distinct().Count() == 1 || !tls.Contains(null)
            ? options
            : throw new FormatException($"{Section}:AuthorityFile, :CertificateFile and :CertificateKeyFile go together: set all of them or none.");
    }

    /// <summary>Says nothing secret.</summary>
    public override string ToString() => $"{nameof(ChannelOptions)} with {Keys.Count} keys";

    private static string? Value(IConfiguration section, string name) => section[name] is { Length: > 0 } value ? value : null;

    private static string Content(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"{Section}:KeyFile cannot be read: {unreadable.Message}", unreadable);
        }
    }

    private static string[] Parse(string setting, string text)
    {
        var keys = text.Split(Between, StringSplitOptions.RemoveEmptyEntries);
        return keys.Length is 1 or 2 && keys.All(key => key.Length >= ShortestKey && key.All(c => c is > ' ' and < '\x7f'))
            ? keys
            : throw new FormatException($"{setting} is one key, or two with a comma between them, each of {ShortestKey} or more ASCII characters.");
    }
}

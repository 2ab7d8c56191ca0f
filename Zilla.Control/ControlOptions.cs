namespace Zilla.Control;

internal sealed record ControlOptions
{
    /// <summary><c>Zilla:Config</c>: path or http(s) URL of zilla.yaml; null = not configured, which is reported and not fatal.</summary>
    public string? Config { get; init; }

    /// <summary><c>Zilla:ConfigToken</c>: lets those who send it put configurations; null = nobody can.</summary>
    public string? Token { get; init; }

    /// <summary><c>Zilla:StateDirectory</c>: where the revision is kept, and what was put; null = revisions start anew with each process.</summary>
    public string? StateDirectory { get; init; }

    /// <summary><c>Zilla:ConfigPollInterval</c>: how often a URL is asked; default 60 s, as Zilla (reference §1.5).</summary>
    public TimeSpan UrlPollInterval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How often a file is looked at where the file system does not tell of changes; default 2 s.</summary>
    public TimeSpan FilePollInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a changed file must stay as it is before it is read: an editor may write it in pieces; default 200 ms.</summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromMilliseconds(200);

    public static ControlOptions Read(IConfiguration configuration)
    {
        var defaults = new ControlOptions();
        return defaults with
        {
            Config = configuration["Zilla:Config"] is { Length: > 0 } config ? config : null,
            Token = configuration["Zilla:ConfigToken"] is { Length: > 0 } token ? token : null,
            StateDirectory = configuration["Zilla:StateDirectory"] is { Length: > 0 } directory ? directory : null,
            UrlPollInterval = configuration.GetValue("Zilla:ConfigPollInterval", defaults.UrlPollInterval),
        };
    }

    /// <summary>Says nothing secret.</summary>
    public override string ToString() => $"{nameof(ControlOptions)} {Config}";
}

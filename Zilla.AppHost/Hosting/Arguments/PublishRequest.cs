namespace Zilla.AppHost.Hosting.Arguments;

internal enum PublishFormat
{
    /// <summary><c>--publisher manifest</c>: one file, which azd reads.</summary>
    Manifest,

    /// <summary><c>publish</c>: a folder with a compose file and Kubernetes manifests.</summary>
    Files,
}

/// <summary>What to write, and where.</summary>
/// <param name="Format">Which files.</param>
/// <param name="Path">Absolute path of the file, or of the folder.</param>
internal sealed record PublishRequest(PublishFormat Format, string Path)
{
    /// <summary>Null: the suite is to run.</summary>
    /// <exception cref="FormatException">The switches contradict each other, or one is missing.</exception>
    public static PublishRequest? Read(SwitchReader switches, string workingDirectory)
    {
        var (publisher, file, folder) = (switches.Last("--publisher"), switches.Last("--output-path"), switches.Last("--output"));
        return (switches.Has(SwitchReader.Publish), publisher) switch
        {
            (true, not null) => throw new FormatException("'publish' and --publisher exclude each other; --help says what they write."),
            (true, _) => new PublishRequest(PublishFormat.Files, Full(folder ?? throw new FormatException("publish needs --output, the folder to write to."))),
            (_, "manifest") => new PublishRequest(PublishFormat.Manifest, Full(file ?? "aspire-manifest.json")),
            (_, not null) => throw new FormatException($"--publisher is manifest, not '{publisher}'."),
            _ when file is not null => throw new FormatException("--output-path goes with --publisher manifest."),
            _ when folder is not null => throw new FormatException("--output goes with publish."),
            _ => null,
        };

        string Full(string path) => System.IO.Path.GetFullPath(path, workingDirectory);
    }
}

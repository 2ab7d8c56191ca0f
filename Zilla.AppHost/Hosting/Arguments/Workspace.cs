namespace Zilla.AppHost.Hosting.Arguments;

/// <summary>Where the suite runs: relative paths and defaults are resolved here.</summary>
/// <param name="WorkingDirectory">The user's current folder.</param>
/// <param name="Root">The checkout, or the current folder if the AppHost was moved out of one.</param>
internal sealed record Workspace(string WorkingDirectory, string Root)
{
    private static readonly TimeSpan FetchTimeout = TimeSpan.FromSeconds(10);

    public string DefaultConfig => Path.Combine(Root, "examples", "quickstart", "zilla.yaml");

    public string DefaultStateDirectory => Path.Combine(Root, ".zilla");

    public static Workspace Current()
    {
        var here = Directory.GetCurrentDirectory();
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Zilla.Aspire.sln")))
            {
                return new Workspace(here, folder.FullName);
            }
        }

        return new Workspace(here, here);
    }

    /// <summary>Makes a path absolute; leaves an http or https URL as it is.</summary>
    /// <exception cref="FormatException">There is no such file.</exception>
    public string Locate(string config)
    {
        if (IsWeb(config))
        {
            return config;
        }

        var path = config.StartsWith("file:", StringComparison.Ordinal) && Uri.TryCreate(config, UriKind.Absolute, out var url)
            ? url.LocalPath
            : Path.GetFullPath(config, WorkingDirectory);
        return File.Exists(path) ? path : throw new FormatException($"--config: there is no file {path}.");
    }

    /// <summary>Whether the configuration has this word in it; true when a URL cannot be read just now (it is Control's to complain).</summary>
    public bool Mentions(string config, string word)
    {
        try
        {
            return ReadText(config).Contains(word, StringComparison.Ordinal);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or HttpRequestException or OperationCanceledException)
        {
            return true;
        }
    }

    public static bool IsWeb(string config) => Uri.TryCreate(config, UriKind.Absolute, out var url) && url.Scheme is "http" or "https";

    private static string ReadText(string config)
    {
        if (!IsWeb(config))
        {
            return File.ReadAllText(config);
        }

        using var http = new HttpClient { Timeout = FetchTimeout };
        using var response = http.Send(new HttpRequestMessage(HttpMethod.Get, config));
        using var reader = new StreamReader(response.EnsureSuccessStatusCode().Content.ReadAsStream());
        return reader.ReadToEnd();
    }
}

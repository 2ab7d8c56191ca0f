using Zilla.Config.Bindings;

namespace Zilla.Config.Loading.Readers;

/// <summary>Reference §2.5.</summary>
internal static class FilesystemReader
{
    public static BindingConfig Server(BindingNode node)
    {
        node.Body.NotHere("is not for a filesystem: nothing comes after it", "exit");
        node.RefuseRoutes("is not for a filesystem");
        var options = node.Options;
        if (options.Choice("symlinks", ("ignore", false), ("follow", true)) is true)
        {
            options.Findings.Report(options.Path / "symlinks", "'symlinks: follow' is not supported yet");
        }

        return new FilesystemBinding { Name = node.Name, Location = Location(options, node.Source) };
    }

    public static BindingConfig HttpProxy(BindingNode node) => new HttpFilesystemBinding
    {
        Name = node.Name,
        Exit = node.Exit,
        Routes = [.. node.Routes.Select(Route)],
    };

    private static HttpFilesystemRoute Route(RouteNode route)
    {
        foreach (var when in route.When)
        {
            if (when.Choice("method", ("GET", true), ("HEAD", true), ("PUT", false), ("POST", false), ("DELETE", false)) is false)
            {
                when.Findings.Report(when.Path / "method", $"'method: {when.Text("method")}' is not supported yet");
            }
        }

        route.With.NotYet("directory");
        return new HttpFilesystemRoute
        {
            Exit = route.Exit,
            Guarded = route.Guarded,
            When = [.. route.When.Select(HttpKafkaReader.Condition)],
            Path = route.With.Take("directory") is null ? route.With.RequiredText("path") : route.With.Text("path") ?? "",
        };
    }

    private static string Location(MappingReader options, ConfigurationSource source)
    {
        var location = options.RequiredText("location");
        if (Uri.TryCreate(location, UriKind.Absolute, out var uri) && !uri.IsFile)
        {
            options.Findings.Report(options.Path / "location", "a location that is not a folder is not supported yet");
            return location;
        }

        var path = uri?.LocalPath ?? location;
        if (path.Length == 0 || Path.IsPathFullyQualified(path))
        {
            return path;
        }

        if (source.Folder is not { } folder)
        {
            options.Findings.Report(options.Path / "location", "a relative location needs a configuration that comes from a file");
            return path;
        }

        return Path.GetFullPath(Path.Combine(folder, path));
    }
}

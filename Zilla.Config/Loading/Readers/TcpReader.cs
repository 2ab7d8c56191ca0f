using System.Globalization;
using Zilla.Config.Bindings;
using Zilla.Config.Yaml;

namespace Zilla.Config.Loading.Readers;

/// <summary>Reference §2.1.</summary>
internal static class TcpReader
{
    /// <summary>Of one binding. A few letters in a file can stand for any number of ports.</summary>
    private const int MostPorts = 1024;

    public static BindingConfig Server(BindingNode node)
    {
        if (node.Options.Take("port") is null)
        {
            node.Options.Findings.Report(node.Options.Path, "'port' is missing");
        }

        return new TcpServerBinding
        {
            Name = node.Name,
            Exit = node.Exit,
            Host = node.Options.Text("host") ?? "0.0.0.0",
            Ports = Ports(node.Options),
            Limits = LimitsReader.Connections(node.Options),
            Routes = [.. node.Routes.Select(Route)],
        };
    }

    public static BindingConfig Client(BindingNode node)
    {
        node.Body.NotHere("is not for a tcp client: nothing comes after it", "exit");
        node.RefuseRoutes("of a tcp client are not supported yet");
        return new TcpClientBinding { Name = node.Name, Host = node.Options.Text("host"), Ports = Ports(node.Options) };
    }

    private static TcpRoute Route(RouteNode route)
    {
        foreach (var condition in route.When)
        {
            condition.NotYet("authority", "cidr");
        }

        return new TcpRoute { Exit = route.Exit, Ports = [.. route.When.SelectMany(Ports)] };
    }

    /// <summary><c>7114</c>, <c>"7000-7009"</c>, or a list of either.</summary>
    internal static IReadOnlyList<int> Ports(MappingReader reader)
    {
        var ports = reader.Take("port") switch
        {
            null => [],
            YamlSequence sequence => sequence.Items.SelectMany((item, index) => Ports(reader, item, reader.Path / "port" / index)),
            var single => Ports(reader, single, reader.Path / "port"),
        };
        List<int> read = [.. ports.Take(MostPorts + 1)];
        if (read.Count > MostPorts)
        {
            reader.Findings.Report(reader.Path / "port", $"more than {MostPorts} ports");
            read.RemoveAt(MostPorts);
        }

        return read;
    }

    private static IEnumerable<int> Ports(MappingReader reader, YamlNode node, ConfigurationPath at)
    {
        if (node is YamlScalar { Text: var text } && text.IndexOf('-', StringComparison.Ordinal) is var dash && dash > 0
            && Port(text.AsSpan(0, dash)) is { } first && Port(text.AsSpan(dash + 1)) is { } last && first <= last)
        {
            return Enumerable.Range(first, last - first + 1);
        }

        if (node is YamlScalar scalar && Port(scalar.Text) is { } port)
        {
            return [port];
        }

        reader.Findings.Report(node.Start, at, $"expected a port from 1 to 65535 or a range such as 7000-7009, found {node.Describe}");
        return [];
    }

    private static int? Port(ReadOnlySpan<char> text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is >= 1 and <= 65535 ? port : null;
}

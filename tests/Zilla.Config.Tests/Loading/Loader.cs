using Zilla.Config.Loading;

namespace Zilla.Config.Tests.Loading;

/// <summary>Shorthands for loading text as if it came from <c>/etc/zilla/zilla.yaml</c>.</summary>
internal static class Loader
{
    public static ConfigurationSource Source { get; } = new("zilla.yaml", "/etc/zilla");

    public static ConfigurationResult Load(string text, params (string Name, string Value)[] environment) =>
        ConfigurationLoader.Load(text, Source, name => environment.FirstOrDefault(pair => pair.Name == name).Value);

    public static ZillaConfiguration LoadValid(string text, params (string Name, string Value)[] environment)
    {
        var result = Load(text, environment);
        Assert.Equal([], Lines(result));
        return result.Configuration!;
    }

    /// <summary>Each mistake as <c>line:column path: message</c>.</summary>
    public static IReadOnlyList<string> Lines(ConfigurationResult result) =>
        [.. result.Errors.Select(error => $"{error.Line}:{error.Column} {error.Path}: {error.Message}")];

    public static IReadOnlyList<string> Mistakes(string text, params (string Name, string Value)[] environment) => Lines(Load(text, environment));
}

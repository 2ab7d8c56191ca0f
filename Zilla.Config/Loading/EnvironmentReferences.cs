using System.Text;
using Zilla.Config.Yaml;

namespace Zilla.Config.Loading;

/// <summary>Replaces <c>${{env.NAME}}</c> in scalars (reference §1.2). What a variable holds is never itself read as an expression or as YAML.</summary>
internal sealed class EnvironmentReferences(Func<string, string?> environment, Action<YamlMark, string> report)
{
    private const string Open = "${{";
    private const string Close = "}}";
    private const string Resolver = "env.";

    public string Substitute(string raw, YamlMark mark)
    {
        var open = raw.IndexOf(Open, StringComparison.Ordinal);
        if (open < 0)
        {
            return raw;
        }

        var text = new StringBuilder();
        var at = 0;
        for (; open >= 0; open = raw.IndexOf(Open, at, StringComparison.Ordinal))
        {
            text.Append(raw, at, open - at);
            var inner = open + Open.Length;
            var close = raw.IndexOf(Close, inner, StringComparison.Ordinal);
            if (close < 0)
            {
                report(mark, $"'{Open}' without '{Close}'");
                return "";
            }

            text.Append(Value(raw[inner..close].Trim(), mark));
            at = close + Close.Length;
        }

        return text.Append(raw, at, raw.Length - at).ToString();
    }

    private string Value(string expression, YamlMark mark)
    {
        if (!expression.StartsWith(Resolver, StringComparison.Ordinal) || expression.Length == Resolver.Length)
        {
            report(mark, $"'{Open}{expression}{Close}' is not supported: only '{Open}env.NAME{Close}' is");
            return "";
        }

        var name = expression[Resolver.Length..];
        if (environment(name) is { } value)
        {
            return value;
        }

        report(mark, $"the environment variable '{name}' is not set");
        return "";
    }
}

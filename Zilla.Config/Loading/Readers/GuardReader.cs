using Zilla.Config.Guards;

namespace Zilla.Config.Loading.Readers;

/// <summary>Reference §3.1.</summary>
internal static class GuardReader
{
    /// <summary>A stand-in for types of which nothing but the name is known.</summary>
    public static GuardConfig Read(string name, MappingReader body)
    {
        GuardConfig guard = body.RequiredText("type") switch
        {
            "jwt" => JwtGuardReader.Read(name, body),
            "x509" => X509(name, body),
            "inline" => Inline(name, body),
            _ => new UnsupportedGuard { Name = name },
        };
        if (guard is not UnsupportedGuard)
        {
            body.NotYet("store");
            body.Finish();
        }

        return guard;
    }

    /// <summary>Names → fields or claims.</summary>
    internal static IReadOnlyDictionary<string, string> Attributes(MappingReader options)
    {
        var attributes = options.TextMap("attributes");
        foreach (var name in attributes.Keys.Where(name => !NameRules.IsName(name)))
        {
            options.Findings.Report(options.Path / "attributes" / name, NameRules.Broken($"'{name}'"));
        }

        return attributes;
    }

    /// <summary><c>format</c> is for catalogs of later versions.</summary>
    private static InlineGuard Inline(string name, MappingReader body)
    {
        var options = body.Mapping("options");
        options?.NotYet("format");
        var guard = new InlineGuard { Name = name, Identity = options?.Text("identity") ?? "", Credentials = options?.Secret("credentials") ?? "" };
        options?.Finish();
        return guard;
    }

    private static X509Guard X509(string name, MappingReader body)
    {
        var guard = new X509Guard { Name = name };
        if (body.Mapping("options") is { } options)
        {
            guard = guard with { Identity = Field(options, "identity") ?? guard.Identity, Attributes = Attributes(options), Roles = Roles(options) };
            foreach (var (attribute, field) in guard.Attributes.Where(pair => pair.Value.Length > 0 && !NameRules.IsName(pair.Value)))
            {
                options.Findings.Report(options.Path / "attributes" / attribute, NotAField(field));
            }

            options.Finish();
        }

        return guard;
    }

    private static Dictionary<string, IReadOnlyList<IReadOnlyDictionary<string, string>>> Roles(MappingReader options)
    {
        var roles = new Dictionary<string, IReadOnlyList<IReadOnlyDictionary<string, string>>>(StringComparer.Ordinal);
        if (options.Mapping("roles") is { } named)
        {
            foreach (var role in named.Keys)
            {
                roles[role] = [.. named.Mappings(role).Select(Patterns)];
                if (roles[role].Count == 0)
                {
                    named.ReportKey(role, "nothing gives this role: expected a list of mappings of fields to patterns");
                }
            }
        }

        return roles;
    }

    private static IReadOnlyDictionary<string, string> Patterns(MappingReader entry)
    {
        var patterns = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var field in entry.Keys)
        {
            patterns[field] = entry.RequiredText(field);
            if (!NameRules.IsName(field))
            {
                entry.ReportKey(field, NotAField(field));
            }
        }

        if (patterns.Count == 0)
        {
            entry.Findings.Report(entry.Path, "names no field: every certificate would match");
        }

        return patterns;
    }

    private static string? Field(MappingReader reader, string key)
    {
        var field = reader.Text(key);
        if (field is not null && !NameRules.IsName(field))
        {
            reader.Findings.Report(reader.Path / key, NotAField(field));
        }

        return field;
    }

    private static string NotAField(string text) => $"'{text}' is no field of a certificate: expected one such as subject.cn";
}

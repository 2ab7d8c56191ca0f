using System.Globalization;
using System.Text.RegularExpressions;
using Zilla.Config.Models;
using Zilla.Config.Yaml;

namespace Zilla.Config.Loading.Readers;

/// <summary>Reference §1.1, §3.4.</summary>
internal static partial class ModelReader
{
    private static readonly string[] Schemas = ["avro", "json", "protobuf"];
    private static readonly string[] Numbers = ["int32", "int64", "float", "double"];
    private static readonly string[] Plain = ["boolean", "bytes"];
    private static readonly string[] All = [.. Schemas, "string", .. Numbers, .. Plain];

    /// <summary>A bare name, or a mapping with <c>model</c>; null if absent or unreadable.</summary>
    public static ModelConfig? Read(MappingReader owner, string key) => owner.Take(key) switch
    {
        null => null,
        YamlScalar => Bare(owner, key),
        _ => owner.Mapping(key) is { } mapping ? Read(mapping) : null,
    };

    /// <summary>Names → models.</summary>
    public static IReadOnlyDictionary<string, ModelConfig> ReadMap(MappingReader? owner, string key)
    {
        var models = new Dictionary<string, ModelConfig>(StringComparer.Ordinal);
        if (owner?.Mapping(key) is { } map)
        {
            foreach (var name in map.Keys)
            {
                if (Read(map, name) is { } model)
                {
                    models[name] = model;
                }
            }
        }

        return models;
    }

    private static ModelConfig? Bare(MappingReader owner, string key)
    {
        var name = owner.Text(key) ?? "";
        if (Schemas.Contains(name))
        {
            owner.Findings.Report(owner.Path / key, $"the model '{name}' needs a 'catalog'");
            return null;
        }

        return Known(owner, key, name) ? Simple(name) : null;
    }

    private static ModelConfig? Read(MappingReader model)
    {
        var name = model.RequiredText("model");
        if (name.Length == 0 || !Known(model, "model", name))
        {
            return null;
        }

        var read = Schemas.Contains(name) ? SchemaModelReader.Read(model, name)
            : name == "string" ? Text(model)
            : Numbers.Contains(name) ? Number(model, name)
            : Simple(name);
        var both = Strict(model, "validate");
        if (both is not null)
        {
            model.NotHere("does not go with 'validate'", "encode", "decode");
        }

        read = read with { EncodeStrictly = both ?? Strict(model, "encode") ?? true, DecodeStrictly = both ?? Strict(model, "decode") ?? true };
        model.Finish();
        return read;
    }

    private static bool? Strict(MappingReader model, string key) => model.Choice(key, ("strict", true), ("lenient", false));

    private static ModelConfig Simple(string name) => name == "string" ? new StringModel { Model = name }
        : Numbers.Contains(name) ? new NumberModel { Model = name }
        : new PlainModel { Model = name };

    private static StringModel Text(MappingReader model)
    {
        var pattern = model.Text("pattern");
        if (pattern is not null && !IsRegex(pattern))
        {
            model.Findings.Report(model.Path / "pattern", $"{model.Take("pattern")!.Describe} is no regular expression");
        }

        var read = new StringModel
        {
            Model = "string",
            Utf16 = model.Choice("encoding", ("utf_8", false), ("utf_16", true)) ?? false,
            MinLength = model.Number("minLength", 0, int.MaxValue),
            MaxLength = model.Number("maxLength", 0, int.MaxValue),
            Pattern = pattern,
        };
        if (read.MinLength > read.MaxLength)
        {
            model.ReportKey("maxLength", "'maxLength' is less than 'minLength'");
        }

        return read;
    }

    private static NumberModel Number(MappingReader model, string name)
    {
        var range = model.Text("range");
        if (range is not null && !Range().IsMatch(range))
        {
            model.Findings.Report(model.Path / "range", $"expected a range such as [1,10) or (,100], found {model.Take("range")!.Describe}");
        }

        decimal? multiple = null;
        if (model.Text("multiple") is { } text)
        {
            var style = name is "int32" or "int64" ? NumberStyles.None : NumberStyles.AllowDecimalPoint;
            if (decimal.TryParse(text, style, CultureInfo.InvariantCulture, out var number) && number > 0)
            {
                multiple = number;
            }
            else
            {
                model.Findings.Report(model.Path / "multiple", $"expected a number above 0, found {model.Take("multiple")!.Describe}");
            }
        }

        return new NumberModel { Model = name, Binary = model.Choice("format", ("text", false), ("binary", true)) ?? false, Range = range, Multiple = multiple };
    }

    private static bool Known(MappingReader owner, string key, string name)
    {
        if (!All.Contains(name))
        {
            owner.Findings.Report(owner.Path / key, $"there is no model {owner.Take(key)!.Describe}" + owner.Findings.Suggest(name, All));
        }

        return All.Contains(name);
    }

    private static bool IsRegex(string pattern)
    {
        try
        {
            _ = new Regex(pattern, RegexOptions.None, TimeSpan.FromSeconds(1));
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    [GeneratedRegex(@"^[[(]-?[0-9]*(\.[0-9]+)?,-?[0-9]*(\.[0-9]+)?[\])]\z", RegexOptions.CultureInvariant)]
    private static partial Regex Range();
}

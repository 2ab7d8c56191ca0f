using System.Collections;
using System.Globalization;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Zilla.AppHost.Hosting.Publishing.Yaml;

/// <summary>Writes documents as YAML that reads the same to every parser: whatever some version of YAML takes for no string is quoted.</summary>
internal static partial class YamlText
{
    private static readonly EmitterSettings Settings = new EmitterSettings(bestIndent: 2, bestWidth: int.MaxValue, isCanonical: false, maxSimpleKeyLength: 1024).WithIndentedSequences();

    /// <param name="comment">Lines that come first.</param>
    /// <param name="documents">At least one.</param>
    public static string Write(string comment, params IEnumerable<YamlMap> documents)
    {
        using var text = new StringWriter { NewLine = "\n" };
        foreach (var line in comment.Split('\n'))
        {
            text.WriteLine($"# {line}");
        }

        var emitter = new Emitter(text, Settings);
        emitter.Emit(new StreamStart());
        foreach (var (index, document) in documents.Index())
        {
            emitter.Emit(new DocumentStart(null, null, isImplicit: index == 0));
            Emit(emitter, document);
            emitter.Emit(new DocumentEnd(isImplicit: true));
        }

        emitter.Emit(new StreamEnd());
        return text.ToString();
    }

    private static void Emit(Emitter emitter, object value)
    {
        switch (value)
        {
            case YamlMap map:
                emitter.Emit(new MappingStart(AnchorName.Empty, TagName.Empty, isImplicit: true, map.Count == 0 ? MappingStyle.Flow : MappingStyle.Block));
                foreach (var (key, entry) in map)
                {
                    Emit(emitter, key);
                    Emit(emitter, entry);
                }

                emitter.Emit(new MappingEnd());
                break;
            case string text:
                var style = text.Contains('\n') ? ScalarStyle.Literal : LooksLikeSomethingElse().IsMatch(text) ? ScalarStyle.DoubleQuoted : ScalarStyle.Any;
                emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, text, style, isPlainImplicit: true, isQuotedImplicit: true));
                break;
            case IEnumerable list:
                emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, SequenceStyle.Block));
                foreach (var item in list)
                {
                    Emit(emitter, item);
                }

                emitter.Emit(new SequenceEnd());
                break;
            case bool flag:
                emitter.Emit(new Scalar(flag ? "true" : "false"));
                break;
            case int number:
                emitter.Emit(new Scalar(number.ToString(CultureInfo.InvariantCulture)));
                break;
            default:
                throw new ArgumentException($"{value.GetType()} has no form in YAML here.", nameof(value));
        }
    }

    [GeneratedRegex("^$|^[-+.]?[0-9]|^(y|n|yes|no|on|off|true|false|null|~)$", RegexOptions.IgnoreCase)]
    private static partial Regex LooksLikeSomethingElse();
}

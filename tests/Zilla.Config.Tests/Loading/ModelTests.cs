using Zilla.Config.Loading;
using Zilla.Config.Loading.Readers;
using Zilla.Config.Models;
using Zilla.Config.Yaml;

namespace Zilla.Config.Tests.Loading;

/// <summary>Models and the catalogs they name (reference §3.3, §3.4), read whole although no model and no remote catalog is built.</summary>
public sealed class ModelTests
{
    internal static string Topic(string line) => "name: test\nbindings:\n  t: {type: tcp, kind: client}\n  k: {type: kafka, kind: client, options: {servers: ['h:1']}, exit: t}\n"
        + $"  s: {{type: kafka, kind: cache_server, exit: k}}\n  c:\n    type: kafka\n    kind: cache_client\n    exit: s\n    options:\n      topics:\n        - name: items\n          {line}\n";

    [Fact]
    public void Read_SchemaModel_TakesItsCatalog()
    {
        var model = Assert.IsType<SchemaModel>(Read("{model: protobuf, view: json, validate: lenient, catalog: {c: [{subject: s, version: '2', record: a.B}, {strategy: topic, record: C}]}}"));
        Assert.Equal(("c", true, false, false), (model.Catalog, model.ViewJson, model.EncodeStrictly, model.DecodeStrictly));
        Assert.Equal([new CatalogedSchema { Subject = "s", Version = "2", Record = "a.B" }, new CatalogedSchema { Strategy = "topic", Record = "C" }], model.Schemas);
    }

    [Fact]
    public void Read_PlainModels_TakeTheirLimits()
    {
        Assert.Equal(new StringModel { Model = "string", Utf16 = true, MinLength = 1, MaxLength = 5, Pattern = "^[a-z]+$" }, Read("{model: string, encoding: utf_16, minLength: 1, maxLength: 5, pattern: '^[a-z]+$'}"));
        Assert.Equal(new NumberModel { Model = "double", Binary = true, Range = "[-1.5,)", Multiple = 0.5m, DecodeStrictly = false }, Read("{model: double, format: binary, range: '[-1.5,)', multiple: 0.5, decode: lenient}"));
        Assert.Equal(new NumberModel { Model = "int32" }, Read("int32"));
        Assert.Equal(new PlainModel { Model = "boolean" }, Read("{model: boolean}"));
    }

    [Theory]
    [InlineData("value: {model: json}", "13:11 bindings.c.options.topics[0].value: 'catalog' is missing")]
    [InlineData("value: {model: avro, catalog: {c: []}}", "13:42 bindings.c.options.topics[0].value.catalog.c: names no schema", "13:42 bindings.c.options.topics[0].value.catalog.c: no catalog is named 'c'")]
    [InlineData("value: {model: avro, catalog: {c: [{strategy: topics}]}}", "13:42 bindings.c.options.topics[0].value.catalog.c: no catalog is named 'c'",
        "13:57 bindings.c.options.topics[0].value.catalog.c[0].strategy: 'topics' is none of topic, encoded; did you mean 'topic'?")]
    [InlineData("value: {model: protobuf, catalog: {c: [{subject: a, id: 1}]}}", "13:46 bindings.c.options.topics[0].value.catalog.c: no catalog is named 'c'",
        "13:50 bindings.c.options.topics[0].value.catalog.c[0]: 'record' is missing", "13:50 bindings.c.options.topics[0].value.catalog.c[0]: expected one of 'id', 'strategy' and 'subject'")]
    [InlineData("value: {model: json, catalog: {c: [{subject: a, overlay: {d: {subject: b}}}]}}", "13:42 bindings.c.options.topics[0].value.catalog.c: no catalog is named 'c'",
        "13:69 bindings.c.options.topics[0].value.catalog.c[0].overlay.d: no catalog is named 'd'")]
    [InlineData("value: {model: string, maxlength: 3}", "13:34 bindings.c.options.topics[0].value.maxlength: unknown key 'maxlength'; did you mean 'maxLength'?")]
    [InlineData("value: {model: string, pattern: '('}", "13:43 bindings.c.options.topics[0].value.pattern: '(' is no regular expression")]
    [InlineData("value: {model: string, minLength: 3, maxLength: 2}", "13:48 bindings.c.options.topics[0].value.maxLength: 'maxLength' is less than 'minLength'")]
    [InlineData("value: {model: int32, range: '1-10'}", "13:40 bindings.c.options.topics[0].value.range: expected a range such as [1,10) or (,100], found '1-10'")]
    [InlineData("value: {model: int32, multiple: 0.5}", "13:43 bindings.c.options.topics[0].value.multiple: expected a number above 0, found '0.5'")]
    [InlineData("value: {model: string, validate: loose}", "13:44 bindings.c.options.topics[0].value.validate: 'loose' is none of strict, lenient")]
    [InlineData("value: {model: string, validate: strict, encode: strict}", "13:52 bindings.c.options.topics[0].value.encode: 'encode' does not go with 'validate'")]
    public void Load_Model_Mistake_IsReportedInItsPlace(string line, params string[] mistakes) =>
        Assert.Equal(["13:11 bindings.c.options.topics[0].value: 'value' is not supported yet", .. mistakes], Loader.Mistakes(Topic(line)));

    [Theory]
    [InlineData("{type: inline}", "3:3 catalogs.c.options: 'subjects' is missing")]
    [InlineData("{type: inline, options: {subjects: {s: {}}}}", "3:42 catalogs.c.options.subjects.s: 'schema' is missing")]
    [InlineData("{type: filesystem, options: {subjects: {s: {path: a, version: 1}}}}", "3:59 catalogs.c.options.subjects.s.version: unknown key 'version'; known here: path")]
    [InlineData("{type: karapace, options: {url: 'ftp://r'}}", "3:38 catalogs.c.options.url: expected an http(s) URL, found 'ftp://r'")]
    [InlineData("{type: schema-registry, options: {url: 'http://r', tls: {trust: [a]}}}", "3:57 catalogs.c.options.tls: 'tls' is for https URLs")]
    [InlineData("{type: schema-registry, options: {url: 'http://r', max-age: x}}", "3:66 catalogs.c.options.max-age: expected a whole number from 0 to 2147483647, found 'x'")]
    [InlineData("{type: schema-registry, vault: v, options: {url: 'https://r', context: c, max-age: 1, credentials: {headers: {authorization: x}}}}", "3:37 catalogs.c.vault: no vault is named 'v'")]
    [InlineData("{type: apicurio, options: {url: 'http://r', use-id: global}}", "3:58 catalogs.c.options.use-id: 'global' is none of globalId, contentId; did you mean 'globalId'?")]
    public void Load_Catalog_Mistake_IsReportedInItsPlace(string catalog, string mistake)
    {
        var mistakes = Loader.Mistakes($"name: test\ncatalogs:\n  c: {catalog}\n");
        Assert.Equal(catalog.Contains("http", StringComparison.Ordinal) || catalog.Contains("ftp", StringComparison.Ordinal), mistakes.Any(line => line.EndsWith("is not supported yet", StringComparison.Ordinal)));
        Assert.Equal([mistake], mistakes.Where(line => !line.EndsWith("is not supported yet", StringComparison.Ordinal)));
    }

    [Fact]
    public void Load_RequestsOfHttp_AreReadWhole()
    {
        var mistakes = Loader.Mistakes("""
            name: test
            bindings:
              files: {type: filesystem, kind: server, options: {location: /}}
              proxy: {type: http-filesystem, kind: proxy, routes: [{exit: files, with: {path: a}}]}
              http0:
                type: http
                kind: server
                exit: proxy
                options:
                  requests:
                    - path: /items/{id}
                      method: PUT
                      content-type: [application/json]
                      headers: {x-kind: string}
                      params: {path: {id: {model: string, maxLength: 36}}, query: {page: int}}
                      content: {model: json, catalog: {c0: [{subject: item}]}}
                      responses: [{status: [200, 20x], content: string}, {status: 700}]
            """);
        Assert.Equal(
            [
                "10:7 bindings.http0.options.requests: 'requests' is not supported yet",
                "15:78 bindings.http0.options.requests[0].params.query.page: there is no model 'int'",
                "16:44 bindings.http0.options.requests[0].content.catalog.c0: no catalog is named 'c0'",
                "17:38 bindings.http0.options.requests[0].responses[0].status[1]: expected a whole number from 100 to 599, found '20x'",
                "17:71 bindings.http0.options.requests[0].responses[1].status: expected a whole number from 100 to 599, found '700'",
            ],
            mistakes);
    }

    private static ModelConfig? Read(string yaml)
    {
        var findings = new Findings();
        var node = Assert.IsType<YamlMapping>(YamlDocument.Read($"m: {yaml}", (raw, _) => raw, (_, message) => Assert.Fail(message)));
        findings.LookUpIn(node);
        var model = ModelReader.Read(new MappingReader(node, ConfigurationPath.Root, findings), "m");
        Assert.Empty(findings.Sorted());
        return model;
    }
}
